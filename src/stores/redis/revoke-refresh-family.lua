-- Revokes a family once. One write revokes all its tokens.
-- KEYS: 1 the family
-- ARGV: 1 now in ms
-- Answers: revoked | gone (the family does not exist or was already revoked)
--
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if redis.call('HSETNX', KEYS[1], 'revokedAt', ARGV[1]) == 0 then return 'gone' end
return 'revoked'

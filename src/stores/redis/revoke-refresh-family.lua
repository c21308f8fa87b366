-- Revokes a family, once: one write, however many tokens it has had.
-- KEYS: 1 the family
-- ARGV: 1 now in ms
-- Answers: revoked | gone (there is none, or it was revoked before)
--
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if redis.call('HSETNX', KEYS[1], 'revokedAt', ARGV[1]) == 0 then return 'gone' end
return 'revoked'

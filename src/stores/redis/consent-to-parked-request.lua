-- Stores the session that consented to a parked request. Does nothing if the request is gone.
-- KEYS: 1 the parked request
-- ARGV: 1 the session
-- Answers: stored | gone
--
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
redis.call('HSET', KEYS[1], 'consentedBySession', ARGV[1])
return 'stored'

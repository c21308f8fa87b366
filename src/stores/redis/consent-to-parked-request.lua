-- Remembers which session consented to a parked request; never brings one back.
-- KEYS: 1 the parked request
-- ARGV: 1 the session
-- Answers: remembered | gone
--
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
redis.call('HSET', KEYS[1], 'consentedBySession', ARGV[1])
return 'remembered'

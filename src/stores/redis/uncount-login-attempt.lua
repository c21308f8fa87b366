-- Takes back one counted attempt and ends the delay. Does nothing if there is no counter.
-- KEYS: 1 the counter
-- ARGV: none
-- Answers: uncounted | none
--
local count = redis.call('HGET', KEYS[1], 'count')
if not count then return 'none' end
redis.call('HSET', KEYS[1], 'count', math.max(0, count - 1), 'nextAllowedAt', 0)
return 'uncounted'

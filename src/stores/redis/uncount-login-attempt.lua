-- Takes one counted attempt back, and the delay with it; never makes a counter.
-- KEYS: 1 the counter
-- ARGV: none
-- Answers: uncounted | none
--
local count = redis.call('HGET', KEYS[1], 'count')
if not count then return 'none' end
redis.call('HSET', KEYS[1], 'count', math.max(0, count - 1), 'nextAllowedAt', 0)
return 'uncounted'

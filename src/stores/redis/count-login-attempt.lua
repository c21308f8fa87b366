-- Counts an attempt, unless its delay has not passed yet.
-- The rule is decideAttempt in src/throttle/login-attempts.ts.
-- KEYS: 1 the counter
-- ARGV: 1 now, 2 free attempts, 3 base delay, 4 longest delay, 5 forget after, 6 margin of
-- expiry; all except 2 in ms
-- Answers: allowed | wait, and the time in ms when the next attempt is allowed
--
local now, free, base, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local stored = redis.call('HMGET', KEYS[1], 'count', 'nextAllowedAt', 'expiresAt')
local count = 1
if stored[1] and now < tonumber(stored[3]) then
  count = tonumber(stored[1])
  if count >= free and now < tonumber(stored[2]) then return { 'wait', stored[2] } end
  count = count + 1
end
local delay = 0
if count >= free then delay = math.min(longest, base * 2 ^ math.min(count - free, 30)) end
local nextAllowedAt = math.floor(now + delay)
local expiresAt = math.floor(nextAllowedAt + tonumber(ARGV[5]))
-- Lua would write a large number as 1.7e+12, so the numbers are formatted.
local nextText, expiresText = string.format('%.0f', nextAllowedAt), string.format('%.0f', expiresAt)
redis.call('HSET', KEYS[1], 'count', count, 'nextAllowedAt', nextText, 'expiresAt', expiresText)
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', expiresAt - now + ARGV[6]))
return { 'allowed' }

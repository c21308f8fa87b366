-- Gives uses back to budgets, and remembers a network of a user.
-- KEYS: 1 all budgets, 2 the networks of the user
-- ARGV: 1 now, 2 margin of expiry, 3 network or an empty text, 4 its end, 5 the most networks of a user, and
-- then for each budget its name, and the time that it gets back or all
-- Answers: settled
--
local now = tonumber(ARGV[1])
for i = 6, #ARGV, 2 do
  local fullAt = redis.call('ZSCORE', KEYS[1], ARGV[i])
  local left = ARGV[i + 1] == 'all' and 0 or tonumber(fullAt or 0) - tonumber(ARGV[i + 1])
  if fullAt and left <= now then redis.call('ZREM', KEYS[1], ARGV[i])
  elseif fullAt then redis.call('ZADD', KEYS[1], string.format('%.0f', left), ARGV[i]) end
end
if ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[5]))
  redis.call('PEXPIRE', KEYS[2], string.format('%.0f', ARGV[4] - now + ARGV[2]))
end
return 'settled'

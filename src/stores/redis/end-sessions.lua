-- Ends one session of a user, or all sessions except one.
-- KEYS: 1 the user's sessions
-- ARGV: 1 only | all but, 2 session id
-- Answers: field, value, field, value, ... of the sessions that ended
--
local ended, all = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local isNamed = string.match(all[i], ' (.+)$') == ARGV[2]
  if isNamed == (ARGV[1] == 'only') then
    ended[#ended + 1], ended[#ended + 2] = all[i], all[i + 1]
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return ended

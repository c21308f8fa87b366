-- Ends all other sessions of a user in which a client has a family. Does nothing if the session has ended.
-- KEYS: 1 the user's sessions
-- ARGV: 1 session id, 2 client id
-- Answers: kept, and field, value, field, value, ... of the sessions that ended | ended
--
local key, names, answer = KEYS[1], { 'facts ', 'login ', 'seen ', 'families ' }, { 'kept' }
if redis.call('HEXISTS', key, 'facts ' .. ARGV[1]) == 0 then return { 'ended' } end
local function hasClient(families)
  for line in string.gmatch(families or '', '[^\n]+') do
    if cjson.decode(line).clientId == ARGV[2] then return true end
  end
  return false
end
for _, field in ipairs(redis.call('HKEYS', key)) do
  local other = string.match(field, '^facts (.+)$')
  if other and other ~= ARGV[1] and hasClient(redis.call('HGET', key, 'families ' .. other)) then
    for _, name in ipairs(names) do
      answer[#answer + 1], answer[#answer + 2] = name .. other, redis.call('HGET', key, name .. other)
      redis.call('HDEL', key, name .. other)
    end
  end
end
return answer

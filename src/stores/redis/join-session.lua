-- Adds a family to a session. Above the limit the oldest families of its client leave the session.
-- KEYS: 1 the user's sessions
-- ARGV: 1 session id, 2 the family as a line of JSON, 3 limit of the families of one client, 4 others | none:
--   whether to name the other sessions in which its client has a family
-- Answers: joined, the number of displaced families, their lines, and the ids of the other sessions | ended
--
local key, field, client = KEYS[1], 'families ' .. ARGV[1], cjson.decode(ARGV[2]).clientId
local families = redis.call('HGET', key, field)
if not families then return { 'ended' } end
local function linesOf(text)
  local lines, ofClient = {}, 0
  for line in string.gmatch(text, '[^\n]+') do
    lines[#lines + 1] = { text = line, isOwn = cjson.decode(line).clientId == client }
    if lines[#lines].isOwn then ofClient = ofClient + 1 end
  end
  return lines, ofClient
end
local lines, ofClient = linesOf(families)
local excess, kept, answer = ofClient + 1 - ARGV[3], {}, { 'joined', '0' }
for _, line in ipairs(lines) do
  if line.isOwn and excess > 0 then
    answer[#answer + 1], excess = line.text, excess - 1
  else
    kept[#kept + 1] = line.text
  end
end
answer[2] = tostring(#answer - 2)
kept[#kept + 1] = ARGV[2]
redis.call('HSET', key, field, table.concat(kept, '\n'))
if ARGV[4] == 'others' then
  for _, name in ipairs(redis.call('HKEYS', key)) do
    local other = string.match(name, '^families (.+)$')
    if other and other ~= ARGV[1] then
      local _, count = linesOf(redis.call('HGET', key, name))
      if count > 0 then answer[#answer + 1] = other end
    end
  end
end
return answer

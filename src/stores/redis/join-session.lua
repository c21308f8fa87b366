-- Adds a family to a session. Above the limit the oldest families of its client leave the session.
-- KEYS: 1 the user's sessions
-- ARGV: 1 session id, 2 the family as a line of JSON, 3 limit of the families of one client
-- Answers: joined, and the lines of the displaced families | ended
--
local field, client = 'families ' .. ARGV[1], cjson.decode(ARGV[2]).clientId
local families, lines, ofClient = redis.call('HGET', KEYS[1], field), {}, 1
if not families then return { 'ended' } end
for line in string.gmatch(families, '[^\n]+') do
  lines[#lines + 1] = { text = line, isOwn = cjson.decode(line).clientId == client }
  if lines[#lines].isOwn then ofClient = ofClient + 1 end
end
local excess, kept, answer = ofClient - ARGV[3], {}, { 'joined' }
for _, line in ipairs(lines) do
  if line.isOwn and excess > 0 then
    answer[#answer + 1], excess = line.text, excess - 1
  else
    kept[#kept + 1] = line.text
  end
end
kept[#kept + 1] = ARGV[2]
redis.call('HSET', KEYS[1], field, table.concat(kept, '\n'))
return answer

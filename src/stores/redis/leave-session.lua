-- Removes a family from a session.
-- KEYS: 1 the user's sessions
-- ARGV: 1 session id, 2 family id
-- Answers: left | none (the session does not list it)
--
local field, kept, left = 'families ' .. ARGV[1], {}, 'none'
local families = redis.call('HGET', KEYS[1], field)
if not families then return left end
for line in string.gmatch(families, '[^\n]+') do
  if cjson.decode(line).familyId == ARGV[2] then left = 'left' else kept[#kept + 1] = line end
end
if left == 'left' then redis.call('HSET', KEYS[1], field, table.concat(kept, '\n')) end
return left

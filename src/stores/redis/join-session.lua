-- Adds a family to a session. Above the limit the oldest families are removed from the session.
-- KEYS: 1 the user's sessions
-- ARGV: 1 session id, 2 the family as a line of JSON, 3 limit
-- Answers: joined, and the lines of the removed families | ended
--
local field, lines = 'families ' .. ARGV[1], {}
local families = redis.call('HGET', KEYS[1], field)
if not families then return { 'ended' } end
for line in string.gmatch(families, '[^\n]+') do lines[#lines + 1] = line end
lines[#lines + 1] = ARGV[2]
local excess = math.max(0, #lines - ARGV[3])
redis.call('HSET', KEYS[1], field, table.concat(lines, '\n', excess + 1))
return { 'joined', unpack(lines, 1, excess) }

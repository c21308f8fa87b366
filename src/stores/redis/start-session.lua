-- Adds a session. Above the limit the user's oldest sessions of the same kind end: with or without a browser.
-- KEYS: 1 the user's sessions
-- ARGV: 1 session id, 2 limit, 3 ms to keep the key, 4 facts, 5 login, 6 seen, 7 families
-- Answers: field, value, field, value, ... of the sessions that ended
--
local key, id, names, others, ended = KEYS[1], ARGV[1], { 'facts ', 'login ', 'seen ', 'families ' }, {}, {}
local function hasBrowser(login) return cjson.decode(login).secretHash ~= nil end
for _, field in ipairs(redis.call('HKEYS', key)) do
  local other = string.match(field, '^facts (.+)$')
  if other and other ~= id and hasBrowser(redis.call('HGET', key, 'login ' .. other)) == hasBrowser(ARGV[5]) then
    others[#others + 1] = { id = other, at = cjson.decode(redis.call('HGET', key, field)).startedAt }
  end
end
table.sort(others, function(a, b) return a.at < b.at or (a.at == b.at and a.id < b.id) end)
for i = 1, #others + 1 - ARGV[2] do
  for _, name in ipairs(names) do
    local field = name .. others[i].id
    ended[#ended + 1], ended[#ended + 2] = field, redis.call('HGET', key, field)
    redis.call('HDEL', key, field)
  end
end
for i, name in ipairs(names) do redis.call('HSET', key, name .. id, ARGV[3 + i]) end
if redis.call('PTTL', key) < tonumber(ARGV[3]) then redis.call('PEXPIRE', key, ARGV[3]) end
return ended

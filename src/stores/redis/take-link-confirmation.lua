-- Reads and deletes a link confirmation, so that only one caller gets it.
-- KEYS: 1 the link confirmation
-- ARGV: none
-- Answers: field, value, field, value, ...; nothing if it is gone
--
local link = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return link

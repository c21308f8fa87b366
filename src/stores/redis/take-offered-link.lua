-- Takes an offered link out, once.
-- KEYS: 1 the offered link
-- ARGV: none
-- Answers: field, value, field, value, ...; nothing if it is gone
--
local link = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return link

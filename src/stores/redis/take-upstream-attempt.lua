-- Takes an attempt out, once, for the browser and the provider that it belongs to.
-- KEYS: 1 the attempt
-- ARGV: 1 the hash of the browser's cookie, 2 the provider
-- Answers: unknown | foreign | taken, then field, value, field, value, ...
--
local whose = redis.call('HMGET', KEYS[1], 'browserHash', 'provider')
if not whose[1] then return { 'unknown' } end
if whose[1] ~= ARGV[1] or whose[2] ~= ARGV[2] then return { 'foreign' } end
local attempt = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return { 'taken', unpack(attempt) }

-- Reads and deletes an attempt, if the browser and the provider match. Only one caller gets it.
-- KEYS: 1 the attempt
-- ARGV: 1 the hash of the browser cookie, 2 the provider
-- Answers: unknown | foreign (the attempt stays) | taken, and field, value, field, value, ...
--
local owner = redis.call('HMGET', KEYS[1], 'browserHash', 'provider')
if not owner[1] then return { 'unknown' } end
if owner[1] ~= ARGV[1] or owner[2] ~= ARGV[2] then return { 'foreign' } end
local attempt = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return { 'taken', unpack(attempt) }

-- Reads and deletes a parked request, so that only one caller gets it.
-- KEYS: 1 the parked request
-- ARGV: none
-- Answers: request, parkedAt, expiresAt and, if a session consented, its id; nothing if the request is gone
--
local parked = redis.call('HMGET', KEYS[1], 'request', 'parkedAt', 'expiresAt', 'consentedBySession')
if not parked[1] then return {} end
redis.call('DEL', KEYS[1])
if not parked[4] then parked[4] = nil end
return parked

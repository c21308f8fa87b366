-- Redeems a code once (RFC 6749 section 4.1.2).
-- KEYS: 1 the code
-- ARGV: 1 the new family, 2 now in ms
-- Answers: redeemed | reused, and the family of the first redemption | gone
--
local code = redis.call('HMGET', KEYS[1], 'expiresAt', 'redeemedBy')
if not code[1] or tonumber(ARGV[2]) >= tonumber(code[1]) then return { 'gone' } end
if code[2] then return { 'reused', code[2] } end
redis.call('HSET', KEYS[1], 'redeemedBy', ARGV[1])
return { 'redeemed' }

-- Accepts the current generation again, for clients that do not rotate.
-- The rule is decideAcceptance in src/sessions/family.ts.
-- KEYS: 1 the family
-- ARGV: 1 generation, 2 now, 3 new idle expiry; times in ms
-- Answers: accepted | reused (and revoked) | ahead | gone
--
local family = redis.call('HMGET', KEYS[1], 'generation', 'rotatedAt', 'idleExpiresAt', 'expiresAt', 'revokedAt')
if not family[1] then return 'gone' end
local generation, now, revoked = tonumber(family[1]), tonumber(ARGV[2]), family[5]
local presented = tonumber(ARGV[1])
if presented > generation then return 'ahead' end
-- If the clocks of two instances differ, the rotation that replaced this generation can be in the future.
local early = presented == generation - 1 and now < tonumber(family[2])
if presented < generation and not early then
  if not revoked then redis.call('HSET', KEYS[1], 'revokedAt', ARGV[2]) end
  return 'reused'
end
if revoked or now >= tonumber(family[4]) or now >= tonumber(family[3]) then return 'gone' end
redis.call('HSET', KEYS[1], 'idleExpiresAt', tonumber(ARGV[3]) < tonumber(family[4]) and ARGV[3] or family[4])
return 'accepted'

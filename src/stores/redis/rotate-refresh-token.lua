-- Moves a family from the presented generation to the next one.
-- The rule is decideRotation in src/sessions/family.ts.
-- KEYS: 1 the family
-- ARGV: 1 generation, 2 now, 3 new idle expiry, 4 grace; times in ms
-- Answers: rotated | replayed (nothing changed) | reused (and revoked) | ahead | gone
--
local family = redis.call('HMGET', KEYS[1], 'generation', 'rotatedAt', 'idleExpiresAt', 'expiresAt', 'revokedAt')
if not family[1] then return 'gone' end
local generation, now, revoked = tonumber(family[1]), tonumber(ARGV[2]), family[5]
local presented, grace = tonumber(ARGV[1]), tonumber(ARGV[4])
if presented > generation then return 'ahead' end
local inGrace = presented == generation - 1 and now < tonumber(family[2]) + grace
if presented < generation and not inGrace then
  if not revoked then redis.call('HSET', KEYS[1], 'revokedAt', ARGV[2]) end
  return 'reused'
end
if revoked or now >= tonumber(family[4]) or now >= tonumber(family[3]) then return 'gone' end
if inGrace then return 'replayed' end
local idle = tonumber(ARGV[3]) < tonumber(family[4]) and ARGV[3] or family[4]
redis.call('HSET', KEYS[1], 'generation', ARGV[1] + 1, 'rotatedAt', ARGV[2], 'idleExpiresAt', idle)
return 'rotated'

-- Moves a family from the presented generation to the next one.
-- The rule is decideRotation in src/sessions/family.ts.
-- KEYS: 1 the family
-- ARGV: 1 generation, 2 now, 3 new idle expiry, 4 grace, 5 network, 6 user agent; times in ms
-- Answers: rotated | replayed (nothing changed) | reused, reused_elsewhere (and revoked) | ahead | gone
--
local fields = { 'generation', 'rotatedAt', 'idleExpiresAt', 'expiresAt', 'revokedAt', 'network', 'userAgent' }
local values = redis.call('HMGET', KEYS[1], unpack(fields))
local family = {}
for index, name in ipairs(fields) do family[name] = values[index] end
if not family.generation then return 'gone' end

local function ends(answer)
  if not family.revokedAt then redis.call('HSET', KEYS[1], 'revokedAt', ARGV[2]) end
  return answer
end

local generation, presented = tonumber(family.generation), tonumber(ARGV[1])
local now, grace = tonumber(ARGV[2]), tonumber(ARGV[4])
local idleEnd, familyEnd = tonumber(family.idleExpiresAt), tonumber(family.expiresAt)
if presented > generation then return 'ahead' end
local inGrace = presented == generation - 1 and now < tonumber(family.rotatedAt) + grace
if presented < generation and not inGrace then return ends('reused') end
local elsewhere = family.network and family.network ~= ARGV[5] and family.userAgent ~= ARGV[6]
if inGrace and elsewhere then return ends('reused_elsewhere') end
if family.revokedAt or now >= familyEnd or now >= idleEnd then return 'gone' end
if inGrace then return 'replayed' end
local idle = tonumber(ARGV[3]) < familyEnd and ARGV[3] or family.expiresAt
redis.call('HSET', KEYS[1], 'generation', ARGV[1] + 1, 'rotatedAt', ARGV[2], 'idleExpiresAt', idle,
  'network', ARGV[5], 'userAgent', ARGV[6])
return 'rotated'

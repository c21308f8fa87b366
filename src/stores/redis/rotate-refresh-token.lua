-- Moves a family from the presented generation to the next one.
-- The rule is decideRotation in src/sessions/family.ts.
-- KEYS: 1 the family
-- ARGV: 1 generation, 2 now, 3 new idle expiry, 4 grace, 5 network, 6 user agent, 7 the run of replayed
-- generations to report; times in ms
-- Answers: rotated | replayed, replayed_repeatedly (and counted) | reused, reused_elsewhere (and revoked) |
-- ahead | gone
--
local fields = { 'generation', 'rotatedAt', 'idleExpiresAt', 'expiresAt', 'revokedAt', 'network', 'userAgent',
  'replays', 'replayedGeneration', 'replayRun' }
local values = redis.call('HMGET', KEYS[1], unpack(fields))
local family = {}
for index, name in ipairs(fields) do family[name] = values[index] end
if not family.generation then return 'gone' end

local function ends(answer)
  if not family.revokedAt then redis.call('HSET', KEYS[1], 'revokedAt', ARGV[2]) end
  return answer
end

local function counted(presented, longest)
  local run, last = tonumber(family.replayRun) or 0, tonumber(family.replayedGeneration)
  local known = run == longest
  if not known and last ~= presented then run = last == presented - 1 and run + 1 or 1 end
  local replays = (tonumber(family.replays) or 0) + 1
  redis.call('HSET', KEYS[1], 'replays', replays, 'replayedGeneration', presented, 'replayRun', run)
  return run == longest and not known and 'replayed_repeatedly' or 'replayed'
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
if inGrace then return counted(presented, tonumber(ARGV[7])) end
local idle = tonumber(ARGV[3]) < familyEnd and ARGV[3] or family.expiresAt
redis.call('HSET', KEYS[1], 'generation', ARGV[1] + 1, 'rotatedAt', ARGV[2], 'idleExpiresAt', idle,
  'network', ARGV[5], 'userAgent', ARGV[6])
return 'rotated'

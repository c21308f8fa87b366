-- Adds a revocation, or extends the entry of that name. Later times win. An entry without a cut-off
-- revokes all tokens, so it wins over a cut-off.
-- KEYS: 1 entries, 2 expiries, 3 changes
-- ARGV: 1 name, 2 revokedAt, 3 expiresAt, 4 cutoff or -, 5 ms to keep the keys, 6 time: entries that expired
-- before it are deleted; times in ms
-- Answers: added
--
local name, revokedAt, expiresAt, cutoff = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local later = function(a, b) return tonumber(a) >= tonumber(b) and a or b end
local old = redis.call('HGET', KEYS[1], name)
if old then
  local oldRevokedAt, oldExpiresAt, oldCutoff = string.match(old, '(%d+) (%d+) (%S+)')
  revokedAt, expiresAt = later(revokedAt, oldRevokedAt), later(expiresAt, oldExpiresAt)
  cutoff = (cutoff == '-' or oldCutoff == '-') and '-' or later(cutoff, oldCutoff)
end
redis.call('HSET', KEYS[1], name, revokedAt .. ' ' .. expiresAt .. ' ' .. cutoff)
redis.call('ZADD', KEYS[2], expiresAt, name)
redis.call('ZADD', KEYS[3], revokedAt, name)
local stale = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[6], 'LIMIT', 0, 100)
if #stale > 0 then
  redis.call('HDEL', KEYS[1], unpack(stale))
  for _, index in ipairs({ KEYS[2], KEYS[3] }) do redis.call('ZREM', index, unpack(stale)) end
end
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < tonumber(ARGV[5]) then redis.call('PEXPIRE', key, ARGV[5]) end
end
return 'added'

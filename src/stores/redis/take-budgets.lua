-- Takes one use from every budget, or from none. The rule is decideUse in src/throttle/throttle.ts.
-- KEYS: 1 all budgets, 2 the networks of the user
-- ARGV: 1 now, 2 margin of expiry, 3 the most records or inf, 4 the number of budgets and then name, burst
-- and refill time of each, the network or an empty text, the budgets for a known network in the same form
-- Answers: taken, network or known | refused, network or known, number of the budget, time of retry | full
--
local now, at = tonumber(ARGV[1]), 4
local function readBudgets()
  local budgets, count = {}, tonumber(ARGV[at])
  for i = 1, count do
    local first = at + 3 * i - 2
    budgets[i] = { name = ARGV[first], burst = tonumber(ARGV[first + 1]), refill = tonumber(ARGV[first + 2]) }
  end
  at = at + 3 * count + 1
  return budgets
end
local budgets, place = readBudgets(), 'network'
local network = ARGV[at]
at = at + 1
if network ~= '' and now < tonumber(redis.call('ZSCORE', KEYS[2], network) or 0) then
  budgets, place = readBudgets(), 'known'
end
local added, spent, retryAt = 0, nil, now
for i, budget in ipairs(budgets) do
  local fullAt = redis.call('ZSCORE', KEYS[1], budget.name)
  if not fullAt then added = added + 1 end
  budget.next = math.max(tonumber(fullAt or 0), now) + budget.refill
  local possibleAt = budget.next - budget.burst * budget.refill
  if now < possibleAt then spent = spent or i end
  retryAt = math.max(retryAt, possibleAt)
end
if spent then return { 'refused', place, tostring(spent), string.format('%.0f', retryAt) } end
if place == 'network' and ARGV[3] ~= 'inf' and added > 0
  and redis.call('ZCOUNT', KEYS[1], '(' .. ARGV[1], '+inf') + added > tonumber(ARGV[3]) then
  return { 'full' }
end
for _, budget in ipairs(budgets) do
  redis.call('ZADD', KEYS[1], string.format('%.0f', budget.next), budget.name)
  local keep = budget.next - now + tonumber(ARGV[2])
  if redis.call('PTTL', KEYS[1]) < keep then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', keep)) end
end
-- Only frees memory. It deletes more than one call adds, and never so much that others wait.
local full = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 50)
if #full > 0 then redis.call('ZREM', KEYS[1], unpack(full)) end
return { 'taken', place }

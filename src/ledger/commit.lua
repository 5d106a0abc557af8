-- The only writer of refunds: one decision, all of it or none of it.
--
-- KEYS: 1 record, 2 due, 3 outbox, 4 money by index, 5 counts, 6 early notice, 7 unmatched, 8 day,
--       9... one for each way in which the refund names its order
-- ARGV: 1 the change, JSON:
--   prefix, partner, member, version and read_token? (of the record that the decision was made from), token, fen,
--   rejected (boolean), again (the line of the history stands in the place of the last), due?, leaves and enters (indexes),
--   counts = {name = by how much}, early (whether the decision knew of a notice that came first), guessed? (what the clock
--   was thought to say, when the decision was made without reading), order = {reserved, settled, contradictions:
--   differences; amount?, opens (its amount is to be checked), claims (it is about to be sent), frozen_known (the decision
--   knows that its order is frozen)}, day? = {fen, cap?}, which is not given for what a cap holds
-- 2 the record as it is stored, see record.lua; 3 a line of its history; 4 an event, or nothing
-- Returns: {'done', version, now (epoch ms)}, {'stale'} or {'breach', which}
--
-- Indexes and the counts of the last five minutes are named here, from the change: they share the hash tag of KEYS[1].

-- One more line, or another in the place of the last. How it began stays, and what persons said; of the rest, the newest.
local function with_line(trail, line, again)
  if again then trail = string.match(trail, '^(.*)\n') or '' end
  trail = trail .. '\n' .. line
  -- no line is shorter than 40 bytes
  if #trail <= 200 * 40 then return trail end
  local _, lines = string.gsub(trail, '\n', '\n')
  if lines <= 200 then return trail end
  local number = 0
  for from, text, after in string.gmatch(trail, '()\n([^\n]*)()') do
    number = number + 1
    if number > 50 and number <= lines - 99 and not string.find(text, '"by":', 1, true) then
      return string.sub(trail, 1, from - 1) .. string.sub(trail, after)
    end
  end
  return string.match(trail, '^\n[^\n]*(.*)$')
end

local change = cjson.decode(ARGV[1])
local stored = refund_at(KEYS[1]) or { version = 0, fen = 0, trail = '' }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- the client sends a command again when its reply was lost: it was done already
if stored.token == change.token then return { 'done', stored.version, now } end
-- the same version may be of another history, when a failover lost the one that was read
local same = stored.version == change.version and (not change.read_token or change.read_token == stored.token)
if not same then return { 'stale' } end

local gate, stop, safe_start = change.prefix .. ':gate:' .. change.partner, change.prefix .. ':stop', change.prefix .. ':safe-start'
if change.guessed then
  local silent = redis.call('EXISTS', gate, stop, safe_start, KEYS[6]) == 0
  if not silent or math.abs(now - change.guessed) > 100 then return { 'stale' } end
else
  if stored.version == 0 and (redis.call('EXISTS', KEYS[6]) == 1) ~= change.early then return { 'stale' } end
  -- a stop that came after the leave to send was given
  if change.order.claims and (redis.call('EXISTS', stop) == 1 or redis.call('HEXISTS', gate, 'stopped') == 1) then
    return { 'breach', 'stopped' }
  end
end

-- what may not stand at all comes before what is only held, whichever name of the order shows it
if change.order.opens or change.order.claims then
  local frozen = false
  for i = 9, #KEYS do
    local sums = redis.call('HMGET', KEYS[i], 'amount', 'reserved', 'settled', 'contradictions')
    local amount = tonumber(sums[1])
    if change.order.opens then
      if amount and change.order.amount and amount ~= change.order.amount then
        return { 'breach', 'order_amount_differs' }
      end
      amount = amount or change.order.amount
      if amount and (tonumber(sums[2]) or 0) + (tonumber(sums[3]) or 0) + change.fen > amount then
        return { 'breach', 'over_refund' }
      end
    end
    frozen = frozen or (tonumber(sums[4]) or 0) > 0
  end
  if frozen and not change.order.frozen_known then return { 'breach', 'order_frozen' } end
end
if change.day and change.day.cap then
  local spent = tonumber(redis.call('GET', KEYS[8])) or 0
  if spent + change.day.fen > change.day.cap then return { 'breach', 'daily_cap' } end
end

redis.call('SET', KEYS[1], ARGV[2] .. with_line(stored.trail, ARGV[3], change.again))

if change.due then
  redis.call('ZADD', KEYS[2], change.due, change.member)
else
  redis.call('ZREM', KEYS[2], change.member)
end
if ARGV[4] ~= '' then redis.call('XADD', KEYS[3], '*', 'event', ARGV[4]) end

for _, index in ipairs(change.leaves) do
  redis.call('ZREM', change.prefix .. ':' .. index, change.member)
  -- 0 - x, not -x: Redis takes no -0
  if index ~= 'open' then redis.call('HINCRBY', KEYS[4], index, 0 - stored.fen) end
end
for _, index in ipairs(change.enters) do
  redis.call('ZADD', change.prefix .. ':' .. index, now, change.member)
  if index ~= 'open' then redis.call('HINCRBY', KEYS[4], index, change.fen) end
end
local recent = change.prefix .. ':recent:' .. math.floor(now / 300000)
for name, by in pairs(change.counts) do
  redis.call('HINCRBY', KEYS[5], name, by)
  -- the first of its name: perhaps the first of all
  if string.sub(name, 1, 5) ~= 'time:' and redis.call('HINCRBY', recent, name, by) == by then
    redis.call('EXPIRE', recent, 7200)
  end
end

for i = 9, #KEYS do
  if change.order.amount then redis.call('HSETNX', KEYS[i], 'amount', change.order.amount) end
  for _, sum in ipairs({ 'reserved', 'settled', 'contradictions' }) do
    if change.order[sum] ~= 0 then redis.call('HINCRBY', KEYS[i], sum, change.order[sum]) end
  end
end
if change.day then
  if redis.call('INCRBY', KEYS[8], change.day.fen) == change.day.fen then redis.call('EXPIRE', KEYS[8], 172800) end
end

-- an early notice has found its refund; one that was rejected was not sent by us, so the notice waits for the next
if change.early and not change.rejected then
  for entry in string.gmatch(redis.call('HGET', KEYS[6], 'entries') or '', '%S+') do
    redis.call('XDEL', KEYS[7], entry)
  end
  redis.call('DEL', KEYS[6])
end
return { 'done', change.version + 1, now }

-- Takes refunds that must be looked at. Each is leased: it stays in `due`, later, so that a lost wake-up only costs time.
-- Records of a newer format are left to newer workers.
--
-- A look that calls the gateway must wait until its merchant may call. Such a refund comes out of `due` into the line of
-- its merchant, one for sends and one for queries, and is called from there, see call-up.lua. So those who wait cost
-- nothing, however many, and keep no other merchant waiting; and they go on as soon as they may.
-- A refund in a line stays in `due`, whole nets behind its place: one that stands there at another time was written since,
-- and its place is void; and a worker that knows no lines finds it there.
-- KEYS: 1 due, 2 merchants with lines
-- ARGV: 1 prefix, 2 how many at most, 3 lease in ms, 4 newest format known, 5 net in ms
-- Returns: whether more is due (1/0), the merchants with lines, then of each that was taken its name and what is stored
-- without its history
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local prefix, limit, lease, newest, net = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local taken = {}

-- A refund to be sent stands by when it began to wait for that, and so keeps its place when it was called in vain.
local function line_up(call, member, due_since)
  local partner = string.match(member, '^[^:]*')
  local line = prefix .. ':line:' .. call .. ':' .. partner
  local since = call == 'send' and redis.call('ZSCORE', prefix .. ':state:waiting', member) or due_since
  redis.call('ZADD', line, 'NX', math.floor(since), member)
  redis.call('SADD', KEYS[2], partner)
  local place = redis.call('ZSCORE', line, member)
  redis.call('ZADD', KEYS[1], 'XX', place + net * (math.floor((now - place) / net) + 1), member)
end

-- bounded, however many newer records stand in front
local left_alone, lined_up, full = 0, 0, false
for _ = 1, 10 do
  local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', left_alone, limit - #taken)
  for i = 1, #due, 2 do
    local member = due[i]
    local record = refund_at(prefix .. ':r:' .. member)
    local call = record and call_of(record)
    full = lined_up >= 2 * limit
    if full then
      break
    elseif not record or record.tombstone then
      redis.call('ZREM', KEYS[1], member)
    elseif record.format > newest then
      left_alone = left_alone + 1
    elseif call then
      line_up(call, member, due[i + 1])
      lined_up = lined_up + 1
    else
      redis.call('ZADD', KEYS[1], 'XX', now + lease, member)
      taken[#taken + 1] = { member, record.front }
    end
  end
  if full or #due == 0 or #taken >= limit then break end
end
return { full and 1 or 0, redis.call('SMEMBERS', KEYS[2]), taken }

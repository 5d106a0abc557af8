-- Calls refunds out of the lines of their merchants, see line-up.lua, oldest first, as the gate of each lets it (see
-- admit.lua): a merchant that is shut calls its prober alone, one whose call rate is spent as many as it has tokens left,
-- and all together no more than `cap` at once, in equal shares.
-- KEYS: 1 due, 2 merchants with lines, 3 stop of the fleet
-- ARGV: 1 prefix, 2 how many at most, 3 lease in ms, 4 newest format known, 5 cap, 6 net in ms, 7 balance ms,
--       8 who may be called by this process, JSON: [[merchant, tokens (0: no limit), ms until one is back], ...]
-- Returns: in how many ms somebody else may be called (-1: unknown), then of each its name and what is stored without its history
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local prefix, limit, lease, newest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local cap, net, waiting = tonumber(ARGV[5]), tonumber(ARGV[6]), cjson.decode(ARGV[8])
local taken, rest = {}, -1
-- whoever was called needs a moment to ask
local SOON = 50

local function again_in(ms)
  if rest < 0 or ms < rest then rest = ms end
end

local function line_of(call, partner)
  return prefix .. ':line:' .. call .. ':' .. partner
end

-- Calls one out of the line; a void place is only removed.
local function call_up(call, partner, member, place)
  redis.call('ZREM', line_of(call, partner), member)
  local due_at = redis.call('ZSCORE', KEYS[1], member)
  if not due_at or (due_at - place) % net ~= 0 then return false end
  local record = refund_at(prefix .. ':r:' .. member)
  if not record or record.tombstone or record.format > newest or call_of(record) ~= call then return false end
  local called = prefix .. ':called:' .. partner
  redis.call('ZADD', called, now + lease, member)
  redis.call('PEXPIRE', called, lease)
  redis.call('ZADD', KEYS[1], 'XX', now + lease, member)
  taken[#taken + 1] = { member, record.front }
  return true
end

local function call_prober(call, partner, prober)
  local place = prober and redis.call('ZSCORE', line_of(call, partner), prober)
  if place then call_up(call, partner, prober, place) end
end

-- How many of a merchant may be called, and how many of them to send.
local function room_of(partner, tokens, back_after)
  local called = prefix .. ':called:' .. partner
  redis.call('ZREMRANGEBYSCORE', called, '-inf', now)
  local under_way = redis.call('ZCARD', called)
  local gate = redis.call('HMGET', prefix .. ':gate:' .. partner,
    'breaker_until', 'breaker_prober', 'balance_until', 'balance_prober', 'stopped')
  local room = cap - under_way
  if room <= 0 then again_in(SOON) end

  if tokens > 0 then
    local calls, free = redis.call('LRANGE', prefix .. ':rate:' .. partner, 0, -1), tokens - under_way
    for _, at in ipairs(calls) do
      if at + back_after > now then free = free - 1 end
    end
    if free <= 0 then
      -- an older rate may have left more calls than there are tokens now
      local oldest = calls[tokens]
      again_in(oldest and math.max(SOON, oldest + back_after - now) or SOON)
    end
    room = math.min(room, free)
  end

  local breaker_until = tonumber(gate[1])
  if breaker_until and now < breaker_until then
    again_in(math.max(SOON, breaker_until - now))
    call_prober('send', partner, gate[2])
    call_prober('query', partner, gate[2])
    return 0, 0
  end
  if breaker_until then room = math.min(room, 1 - under_way) end

  if gate[5] or redis.call('EXISTS', KEYS[3]) == 1 then return room, 0 end
  local balance_until = tonumber(gate[3])
  if not balance_until then return room, room end
  local opens = math.ceil(balance_until + 0.1 * ARGV[7])
  if now >= opens then return room, math.min(room, 1 - under_way) end
  again_in(math.max(SOON, opens - now))
  call_prober('send', partner, gate[4])
  return room, 0
end

local function head(call, partner, room)
  if room <= 0 then return nil end
  local first = redis.call('ZRANGE', line_of(call, partner), 0, 0, 'WITHSCORES')
  return first[1] and { call = call, member = first[1], place = tonumber(first[2]) }
end

-- Those who may call share `cap`, and what one does not want is left to the others: whoever comes waits behind no more
-- than that, however many they are.
local rooms, wants, void = {}, {}, 0
for i, who in ipairs(waiting) do
  local partner = who[1]
  local room, sends = room_of(unpack(who))
  local under_way = redis.call('ZCARD', prefix .. ':called:' .. partner)
  local to_send = math.max(0, math.min(sends, redis.call('ZCARD', line_of('send', partner))))
  rooms[partner] = { room, sends, under_way }
  wants[i] = under_way + math.max(0, math.min(room, to_send + redis.call('ZCARD', line_of('query', partner))))
end
table.sort(wants)
local share, left = cap, cap
for i, want in ipairs(wants) do
  share = math.max(1, math.floor(left / (#wants - i + 1)))
  if want > share then break end
  left = left - want
end

for i = 1, #waiting do
  -- begins with another one every time: none is always the last
  local partner = waiting[(now + i) % #waiting + 1][1]
  local room, sends, under_way = unpack(rooms[partner])
  local had_room = room > 0
  room = math.min(room, share - under_way)
  while true do
    local send, query = head('send', partner, math.min(room, sends)), head('query', partner, room)
    local next = send and (not query or send.place <= query.place) and send or query
    if not next then break end
    if #taken >= limit or void >= 2 * limit then
      again_in(0)
      break
    end
    if call_up(next.call, partner, next.member, next.place) then
      room = room - 1
      if next.call == 'send' then sends = sends - 1 end
    else
      void = void + 1
    end
  end
  if redis.call('EXISTS', line_of('send', partner), line_of('query', partner)) == 0 then
    redis.call('SREM', KEYS[2], partner)
  elseif had_room and room <= 0 then
    again_in(SOON)
  end
end
return { rest, taken }

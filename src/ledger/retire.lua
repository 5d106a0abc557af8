-- Shrinks records that were settled long ago to tombstones: the number and what it was used for stay known for ever.
-- A recorded contradiction is not forgotten before a person resolved it, and records of a newer format are left alone.
-- KEYS: 1 the index of one final state, 2 money by index
-- ARGV: 1 prefix, 2 keep for (ms), 3 how many at most, 4 newest format known, 5 the index's name there
-- Returns: how many
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = now - ARGV[2]
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', before, 'LIMIT', 0, ARGV[3])
for _, member in ipairs(old) do
  local record = ARGV[1] .. ':r:' .. member
  local refund = refund_at(record) or { format = 0, fen = 0 }
  if refund.format > tonumber(ARGV[4]) or (refund.data and cjson.decode(refund.data).contradiction) then
    redis.call('ZADD', KEYS[1], now, member)
  else
    redis.call('SET', record, 'tombstone ' .. (refund.content or ''))
    redis.call('ZREM', KEYS[1], member)
    redis.call('HINCRBY', KEYS[2], ARGV[5], 0 - refund.fen)
  end
end
return #old

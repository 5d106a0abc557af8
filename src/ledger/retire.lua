-- Shrinks records that were settled long ago to tombstones: the number and what it was used for stay known for ever.
-- KEYS: 1 the index of one final state   ARGV: 1 prefix, 2 keep for (ms), 3 how many at most
-- Returns: how many
local time = redis.call('TIME')
local before = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2]
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', before, 'LIMIT', 0, ARGV[3])
for _, member in ipairs(old) do
  local record = ARGV[1] .. ':r:' .. member
  local content = redis.call('HGET', record, 'content')
  redis.call('DEL', record, ARGV[1] .. ':t:' .. member)
  redis.call('HSET', record, 'tombstone', content or '')
  redis.call('ZREM', KEYS[1], member)
end
return #old

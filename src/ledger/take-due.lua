-- Takes refunds that must be looked at. Each is leased: it stays in `due`, later, so that a lost wake-up only costs time.
-- Records of a newer format are left to newer workers.
-- KEYS: 1 due   ARGV: 1 prefix, 2 how many at most, 3 lease in ms, 4 newest format known
-- Returns: format, version, token and data of each
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, newest = tonumber(ARGV[2]), tonumber(ARGV[4])
local taken, left_alone = {}, 0
-- bounded, however many newer records stand in front
for _ = 1, 10 do
  local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', left_alone, limit - #taken)
  for _, member in ipairs(due) do
    local record = redis.call('HMGET', ARGV[1] .. ':r:' .. member, 'format', 'version', 'token', 'data')
    if not record[4] then
      redis.call('ZREM', KEYS[1], member)
    elseif (tonumber(record[1]) or 0) > newest then
      left_alone = left_alone + 1
    else
      redis.call('ZADD', KEYS[1], 'XX', now + ARGV[3], member)
      taken[#taken + 1] = record
    end
  end
  if #due == 0 or #taken >= limit then break end
end
return taken

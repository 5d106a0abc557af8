-- Takes the right to handle an event. KEYS: 1 lease, 2 handled   ARGV: 1 token, 2 lease in ms
-- Returns 1 taken, 0 handled already, or minus the ms after which the lease of another ends.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return -math.max(1, redis.call('PTTL', KEYS[1]))
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1

-- Counts what changes no refund.
-- KEYS: 1 counts   ARGV: 1 prefix, 2... name, by how much
local time = redis.call('TIME')
local recent = ARGV[1] .. ':recent:' .. math.floor(time[1] / 300)
for i = 2, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
  if string.sub(ARGV[i], 1, 5) ~= 'time:' then redis.call('HINCRBY', recent, ARGV[i], ARGV[i + 1]) end
end
redis.call('EXPIRE', recent, 7200)

-- Ends a lease; with further keys the event was handled, and each of them remembers it.
-- KEYS: 1 lease, 2... handled   ARGV: 1 token, 2 how long to remember, ms
for at = 2, #KEYS do
  redis.call('SET', KEYS[at], '1', 'PX', ARGV[2])
end
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return 1

-- Takes published events out of the outbox, and counts those that were still there. One script, not MULTI: that fails
-- while the slot moves to another server.
-- KEYS: 1 outbox, 2 counts   ARGV: 1 group, 2... entries
redis.call('XACK', KEYS[1], unpack(ARGV))
local published = redis.call('XDEL', KEYS[1], unpack(ARGV, 2))
if published > 0 then redis.call('HINCRBY', KEYS[2], 'published', published) end

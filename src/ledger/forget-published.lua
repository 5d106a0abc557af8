-- Takes published events out of the outbox. One script, not MULTI: that fails while the slot moves to another server.
-- KEYS: 1 outbox   ARGV: 1 group, 2... entries
redis.call('XACK', KEYS[1], unpack(ARGV))
redis.call('XDEL', KEYS[1], unpack(ARGV, 2))

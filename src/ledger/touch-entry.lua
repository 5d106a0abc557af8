-- Writes beside the outbox, so that a WAIT behind it speaks about an entry too.
-- KEYS: 1 outbox, 2 marker   ARGV: 1 entry
-- Returns: 1, or 0 when this server does not have the entry
if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[1])
return 1

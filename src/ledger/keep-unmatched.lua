-- Keeps a verified notice of a number without a record, for a person and for a job that may come later.
-- KEYS: 1 record, 2 early notice, 3 unmatched   ARGV: 1 notice (JSON), 2 dt_refund or '', 3 days to keep
-- Returns: 'kept', 'known', or 'matched' when a record exists by now
-- a tombstone is a record no more: nothing of it can be settled
local refund = refund_at(KEYS[1])
if refund and not refund.tombstone then return 'matched' end
local kept = redis.call('HMGET', KEYS[2], 'notice', 'entries')
-- enough for a person to see what is said about the number
if kept[1] == ARGV[1] or #(kept[2] or '') > 400 then return 'known' end
local entry = redis.call('XADD', KEYS[3], 'MAXLEN', '~', 100000, '*', 'notice', ARGV[1])
redis.call('HSET', KEYS[2], 'notice', ARGV[1], 'entries', (kept[2] or '') .. entry .. ' ')
redis.call(ARGV[2] == '' and 'HSETNX' or 'HSET', KEYS[2], 'dt_refund', ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3] * 86400)
return 'kept'

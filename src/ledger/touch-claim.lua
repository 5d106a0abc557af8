-- Writes to a record that is still held under this claim, so that a WAIT behind it speaks about the claim too.
-- KEYS: 1 record   ARGV: 1 the claim's token
-- Returns: 1, or 0 when this server does not have the claim
local data = redis.call('HGET', KEYS[1], 'data')
local claim = data and cjson.decode(data).claim
if not claim or claim.token ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'confirming', ARGV[1])
return 1

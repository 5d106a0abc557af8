-- Puts other data in the place of what was read, under a new token: whoever decides from the former must read again.
-- KEYS: 1 record   ARGV: 1 version and 2 token ('' for none) that were read, 3 new token, 4 data
-- Returns: 1, or 0 when the record has changed
local stored = redis.call('HMGET', KEYS[1], 'version', 'token')
if stored[1] ~= ARGV[1] or (stored[2] or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'token', ARGV[3], 'data', ARGV[4])
return 1

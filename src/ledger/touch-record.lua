-- Writes to a record, so that a WAIT behind it speaks about what the record says.
-- KEYS: 1 record   ARGV: 1 the token of the claim that must still stand in it, or '', 2 least version
-- Returns: 1, or 0 when this server does not have that
local stored = redis.call('HMGET', KEYS[1], 'version', 'data', 'tombstone')
local kept = stored[3] or (tonumber(stored[1]) or 0) >= tonumber(ARGV[2])
if not kept then return 0 end
if ARGV[1] ~= '' then
  local claim = stored[2] and cjson.decode(stored[2]).claim
  if not claim or claim.token ~= ARGV[1] then return 0 end
end
redis.call('HSET', KEYS[1], 'confirming', ARGV[1])
return 1

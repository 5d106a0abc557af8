-- Writes to a record, so that a WAIT behind it speaks about what the record says.
-- KEYS: 1 record   ARGV: 1 the token of the claim that must still stand in it, or '' for whatever it says
-- Returns: 1, or 0 when this server does not have it
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[1] ~= '' then
  local data = redis.call('HGET', KEYS[1], 'data')
  local claim = data and cjson.decode(data).claim
  if not claim or claim.token ~= ARGV[1] then return 0 end
end
redis.call('HSET', KEYS[1], 'confirming', ARGV[1])
return 1

-- Writes to a record, so that a WAIT behind it speaks about what the record says.
-- KEYS: 1 record   ARGV: 1 the token of the claim that must still stand in it, or '', 2 least version
-- Returns: 1, or 0 when this server does not have that
local refund = refund_at(KEYS[1])
if not refund then return 0 end
if not refund.tombstone and (refund.version or 0) < tonumber(ARGV[2]) then return 0 end
if ARGV[1] ~= '' then
  local claim = refund.data and cjson.decode(refund.data).claim
  if not claim or claim.token ~= ARGV[1] then return 0 end
end
redis.call('SETRANGE', KEYS[1], 0, string.sub(refund.front, 1, 1))
return 1

-- The call to the gateway that a look at the refund begins with, if any.
local function call_of(record)
  if record.state == 'unknown' or record.state == 'processing' then return 'query' end
  if record.state == 'waiting' and not record.held then return 'send' end
  return nil
end


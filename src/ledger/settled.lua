-- Refunds that succeeded, of the given days of settlement or of none that is known, by when they succeeded.
-- The day is found in the stored text, which decoding would take ten times as long: only the answer and the metadata
-- may have a key of this name, a quote within a text is escaped, and where the metadata may have it all is decoded.
-- KEYS: 1 index   ARGV: 1 prefix, 2 from (score), 3 how many at most, 4... beginnings of days (yyyyMMdd or yyyyMM)
-- Returns: how many were looked at, the last score, members with this score,
--          then for each refund: member, fen, settle_date or '', score
local MARK = '"settle_date":"'

local function dayOf(data)
  local _, at = string.find(data, MARK, 1, true)
  if not at then return '' end
  local metadata = string.find(data, '"metadata":{', 1, true)
  if metadata and string.find(data, MARK, metadata, true) then return (cjson.decode(data).answer or {}).settle_date or '' end
  return string.sub(data, at + 1, at + 8)
end

local function wanted(day)
  if day == '' then return true end
  for d = 4, #ARGV do
    if string.sub(day, 1, #ARGV[d]) == ARGV[d] then return true end
  end
  return false
end

local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local rows = {}
for i = 1, #found, 2 do
  local refund = refund_at(ARGV[1] .. ':r:' .. found[i])
  local day = refund and refund.data and dayOf(refund.data)
  if day and wanted(day) then
    for _, cell in ipairs({ found[i], tostring(refund.fen), day, found[i + 1] }) do rows[#rows + 1] = cell end
  end
end
local last = found[#found] or ARGV[2]
local met = {}
for i = #found - 1, 1, -2 do
  if found[i + 1] ~= last then break end
  met[#met + 1] = found[i]
end
return { #found / 2, last, met, rows }

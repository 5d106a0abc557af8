-- Refunds that succeeded, of the given days of settlement or of none that is known, by when they succeeded.
-- What is asked for is found in the stored text, not decoded: 'answer' is a flat object of texts, and a quote within a
-- text is escaped, so that nobody can write these marks into a text of his own.
-- KEYS: 1 index   ARGV: 1 prefix, 2 from (score), 3 how many at most, 4... beginnings of days (yyyyMMdd or yyyyMM)
-- Returns: how many were looked at, the last score, members with this score, then member, fen, settle_date or '', score, ...
local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local rows = {}
for i = 1, #found, 2 do
  local stored = redis.call('HMGET', ARGV[1] .. ':r:' .. found[i], 'fen', 'data')
  local data = stored[2]
  if data then
    local day = ''
    local _, answer = string.find(data, '"answer":{', 1, true)
    if answer then
      local to = string.find(data, '}', answer, true)
      local _, at = string.find(data, '"settle_date":"', answer, true)
      if at and to and at < to then day = string.sub(data, at + 1, at + 8) end
    end
    local wanted = day == ''
    for d = 4, #ARGV do
      wanted = wanted or string.sub(day, 1, #ARGV[d]) == ARGV[d]
    end
    if wanted then
      rows[#rows + 1] = found[i]
      rows[#rows + 1] = stored[1] or '0'
      rows[#rows + 1] = day
      rows[#rows + 1] = found[i + 1]
    end
  end
end
local last = found[#found] or ARGV[2]
local met = {}
for i = #found - 1, 1, -2 do
  if found[i + 1] ~= last then break end
  met[#met + 1] = found[i]
end
return { #found / 2, last, met, rows }

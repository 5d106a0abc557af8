-- Writes beside jobs, so that a WAIT behind it speaks about the jobs too.
-- KEYS: 1 marker, 2... jobs
-- Returns: 1, or 0 when this server lacks one of them
if redis.call('EXISTS', unpack(KEYS, 2)) < #KEYS - 1 then return 0 end
redis.call('SET', KEYS[1], #KEYS - 1)
return 1

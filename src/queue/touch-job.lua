-- Writes beside a job, so that a WAIT behind it speaks about the job too.
-- KEYS: 1 job, 2 marker
-- Returns: 1, or 0 when this server does not have the job
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], KEYS[1])
return 1

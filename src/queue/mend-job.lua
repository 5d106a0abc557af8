-- Rewrites fields of a job's hash, each only while it still says what was read: the job may be gone or new by now.
-- KEYS: 1 job   ARGV: for each field its name, what it says, and what it is to say ('': nothing)
for i = 1, #ARGV, 3 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    if ARGV[i + 2] == '' then
      redis.call('HDEL', KEYS[1], ARGV[i])
    else
      redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
    end
  end
end

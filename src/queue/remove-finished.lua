-- Removes a job that has finished, and no other: one that was added under its id meanwhile stays.
-- KEYS: 1 job, 2 completed, 3 failed, 4 logs of the job   ARGV: 1 id of the job
if redis.call('HEXISTS', KEYS[1], 'finishedOn') == 1 then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  redis.call('DEL', KEYS[1], KEYS[4])
end

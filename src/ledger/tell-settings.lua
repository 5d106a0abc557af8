-- A process tells with which settings of merchants it works, which keys those have, and how often it used each since it
-- told last.
-- KEYS: 1 loaded, 2 keys
-- ARGV: 1 process, 2 digest, 3 how many faults its files have now, 4 ms after which a silent process is forgotten,
--       5... in threes: oid_partner, use and fingerprint; place; how often used
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local stored = redis.call('HGET', KEYS[1], ARGV[1])
local before = stored and cjson.decode(stored) or {}
local faults = tonumber(ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode({
  digest = ARGV[2],
  at = before.digest == ARGV[2] and before.at or now,
  faults = faults,
  failedSince = faults > 0 and (before.failedSince or now) or nil,
  seen = now
}))
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if now - cjson.decode(all[i + 1]).seen > tonumber(ARGV[4]) then redis.call('HDEL', KEYS[1], all[i]) end
end

for i = 5, #ARGV, 3 do
  local key, times = ARGV[i], tonumber(ARGV[i + 2])
  redis.call('HSETNX', KEYS[2], key .. ' since', now)
  redis.call('HSET', KEYS[2], key .. ' place', ARGV[i + 1], key .. ' seen', now)
  if times > 0 then
    redis.call('HSET', KEYS[2], key .. ' last', now)
    redis.call('HINCRBY', KEYS[2], key .. ' times', times)
  end
end

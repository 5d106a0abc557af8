-- May this refund's next call to the gateway be made now?
--
-- A gate of a merchant has two doors: `breaker` (the gateway cannot be reached; closes every call) and `balance` (the
-- merchant's balance is spent; closes sending). A shut door opens after its time for one refund, the prober; the others
-- wait until its call has shown that the door may stay open.
-- KEYS: 1 gate, 2 rate   ARGV: 1 member, 2 'send' or 'query', 3 breaker ms, 4 balance ms, 5 rate max (0: off), 6 rate ms
-- Returns: now, until (0: go), reason, whether a door is not wide open (1/0)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gate = redis.call('HMGET', KEYS[1], 'breaker_until', 'breaker_prober', 'balance_until', 'balance_prober', 'failures')
local doors = { { 'breaker', gate[1], gate[2], ARGV[3], 'the gateway cannot be reached' } }
if ARGV[2] == 'send' then
  doors[2] = { 'balance', gate[3], gate[4], ARGV[4], 'the balance of the merchant is spent' }
end
local watched = (gate[1] or gate[3] or gate[5]) and 1 or 0

for _, door in ipairs(doors) do
  local name, shut_until, prober, period, reason = door[1], tonumber(door[2]), door[3], door[4], door[5]
  if shut_until and now < shut_until and prober ~= ARGV[1] then return { now, shut_until, reason, watched } end
end

local max, duration = tonumber(ARGV[5]), tonumber(ARGV[6])
if max > 0 then
  local bucket = redis.call('HMGET', KEYS[2], 'tokens', 'at', 'tail')
  local tokens, at = tonumber(bucket[1]) or max, tonumber(bucket[2]) or now
  tokens = math.min(max, tokens + math.max(0, now - at) * max / duration)
  local refused = tokens < 1
  -- those who must wait are lined up, one for each token to come, so that they do not return all at once
  local tail = math.max(tonumber(bucket[3]) or 0, now)
  if refused then tail = tail + duration / max else tokens = tokens - 1 end
  redis.call('HSET', KEYS[2], 'tokens', tostring(tokens), 'at', now, 'tail', tail)
  redis.call('PEXPIRE', KEYS[2], math.max(math.ceil(tail - now), 0) + duration * 2)
  if refused then return { now, math.ceil(tail), 'the call rate is spent', watched } end
end

for _, door in ipairs(doors) do
  local shut_until = tonumber(door[2])
  if shut_until and now >= shut_until then
    redis.call('HSET', KEYS[1], door[1] .. '_until', now + door[4], door[1] .. '_prober', ARGV[1])
  end
end
return { now, 0, '', watched }

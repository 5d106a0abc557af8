-- What a call to the gateway showed about a merchant's doors (see admit.lua).
-- KEYS: 1 gate
-- ARGV: 1 'unreachable' | 'reached' (nothing was said about the balance) | 'answered' (a send) | 'no_balance',
--       2 breaker ms, 3 balance ms, 4 failures in a row that shut the breaker
if ARGV[1] ~= 'unreachable' then
  redis.call('HDEL', KEYS[1], 'failures', 'breaker_until', 'breaker_prober')
  if ARGV[1] == 'answered' then redis.call('HDEL', KEYS[1], 'balance_until', 'balance_prober') end
  if ARGV[1] ~= 'no_balance' then return end
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] == 'no_balance' then
  redis.call('HSET', KEYS[1], 'balance_until', now + ARGV[3], 'balance_prober', '')
elseif redis.call('HINCRBY', KEYS[1], 'failures', 1) >= tonumber(ARGV[4]) then
  redis.call('HSET', KEYS[1], 'breaker_until', now + ARGV[2], 'breaker_prober', '')
end

-- May this refund's next call to the gateway be made now?
--
-- A gate of a merchant has two doors: `breaker` (the gateway cannot be reached; closes every call) and `balance` (the
-- merchant's balance is spent; closes sending). A shut door opens after its time for one refund, the prober; the others
-- wait until its call has shown that the door may stay open. The door `balance` opens a tenth of its time early for a
-- refund that it holds, which asks with 'lift', and a tenth late for the others: so one that was refused already is
-- the prober, unless there is none.
-- The call rate is a bucket of tokens, each of which comes back a fixed time after it was taken. Those who must wait stand
-- in a line, see call-up.lua, which calls as many as tokens are left: whoever was not called may not overtake them. A
-- 'resend' rests on a denial of the same look and must not wait, or it would have to be denied again: it borrows a token
-- of the future.
-- Nothing may be sent while a person has stopped the merchant or the fleet; questions go on.
-- KEYS: 1 gate, 2 times of the last calls, newest first, 3 stop of the fleet, 4 who was called out of the line, by until
--       when its token is kept, 5 the line of those who wait for the same kind of call
-- ARGV: 1 member, 2 'send', 'resend', 'lift' or 'query', 3 breaker ms, 4 balance ms, 5 tokens (0: no limit), 6 ms until one is back
-- Returns: now, until (0: go; else when it may be known better), reason, whether a door is not wide open (1/0)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- a 'lift' is followed by a 'query' of the same look
local called = redis.call('ZSCORE', KEYS[4], ARGV[1])
if called and ARGV[2] ~= 'lift' then redis.call('ZREM', KEYS[4], ARGV[1]) end

local gate = redis.call('HMGET', KEYS[1],
  'breaker_until', 'breaker_prober', 'balance_until', 'balance_prober', 'failures', 'stopped')
if ARGV[2] ~= 'query' and (gate[6] or redis.call('EXISTS', KEYS[3]) == 1) then
  return { now, now + 3 * ARGV[3], 'all sending is stopped', 0 }
end
local doors = { { 'breaker', tonumber(gate[1]), gate[2], ARGV[3], 'the gateway cannot be reached' } }
local balance_until = tonumber(gate[3])
if balance_until and ARGV[2] ~= 'query' then
  local opens = balance_until + (ARGV[2] == 'lift' and -0.1 or 0.1) * ARGV[4]
  doors[2] = { 'balance', math.ceil(opens), gate[4], ARGV[4], 'the balance of the merchant is spent' }
end
local watched = (gate[1] or gate[3] or gate[5]) and 1 or 0

for _, door in ipairs(doors) do
  local shut_until, prober, reason = door[2], door[3], door[5]
  if shut_until and now < shut_until and prober ~= ARGV[1] then return { now, shut_until, reason, watched } end
end

local tokens, back_after = tonumber(ARGV[5]), tonumber(ARGV[6])
if tokens > 0 then
  local newcomer = not called and ARGV[2] ~= 'resend'
  local kept = newcomer and redis.call('ZCOUNT', KEYS[4], now, '+inf') or 0
  -- the token that is left when everyone who was called has taken one; the newest call's when there is none
  local place = math.max(0, tokens - 1 - kept)
  local taken_first = tonumber(redis.call('LINDEX', KEYS[2], place))
  local back_at = taken_first and taken_first + back_after or now
  if ARGV[2] ~= 'resend' then
    local behind = newcomer and (kept >= tokens or redis.call('EXISTS', KEYS[5]) == 1)
    if behind or now < back_at then return { now, math.max(back_at, now + 1), 'the call rate is spent', watched } end
  end
  local taken = math.max(now, back_at)
  redis.call('LPUSH', KEYS[2], taken)
  redis.call('LTRIM', KEYS[2], 0, tokens - 1)
  redis.call('PEXPIRE', KEYS[2], taken - now + back_after)
end

for _, door in ipairs(doors) do
  if door[2] and now >= door[2] then
    redis.call('HSET', KEYS[1], door[1] .. '_until', now + door[4], door[1] .. '_prober', ARGV[1])
  end
end
return { now, 0, '', watched }

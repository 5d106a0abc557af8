-- Lets wake-ups go before a backlog of jobs, with some of the others before each: whoever was called does not wait until
-- all that producers added is accepted, and whoever is added does not wait until all who may be called are sent.
-- BullMQ takes from the right end of the list; it adds at the left one, and puts back there what was delayed. A wake-up
-- found there comes into the front, behind all that stand in it already: so it overtakes others at a bounded rate.
-- KEYS: 1 the waiting jobs   ARGV: 1 how many jobs are the front, 2 how many of the back are looked through, 3 how many
--       others go before each wake-up, 4 how the ids of wake-ups begin
-- Returns: how many were brought forward
local front, depth, between, mark = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local length = redis.call('LLEN', KEYS[1])
-- a short list is soon through: who comes first goes first
if length <= front then return 0 end

local function is_wake(id)
  return string.sub(id, 1, #mark) == mark
end

-- in the order in which they are taken, as all lists here
local function read(from, to)
  local ids, ordered = redis.call('LRANGE', KEYS[1], from, to), {}
  for i = #ids, 1, -1 do ordered[#ordered + 1] = ids[i] end
  return ordered
end

local first, last_wake = read(-front, -1), 0
for i, id in ipairs(first) do
  if is_wake(id) then last_wake = i end
end
local room = math.floor((front - last_wake) / between)

local back = read(0, math.min(depth, length - front) - 1)
local forward, others = {}, {}
for _, id in ipairs(back) do
  local to = #forward < room and is_wake(id) and forward or others
  to[#to + 1] = id
end
if #forward == 0 then return 0 end

redis.call('LTRIM', KEYS[1], #back, -front - 1)
for _, id in ipairs(others) do redis.call('LPUSH', KEYS[1], id) end
for i = front, 1, -1 do
  local wake = forward[(i - last_wake) / between]
  if wake then redis.call('RPUSH', KEYS[1], wake) end
  redis.call('RPUSH', KEYS[1], first[i])
end
return #forward

-- Writes copies of one refund of the ledger under other numbers, all that `commit.lua` left of it.
-- KEYS: 1 money by index
-- ARGV: 1 the template, see `clones.ts`, JSON; 2 its number; 3 the first copy's index; 4 how many
local template = cjson.decode(ARGV[1])
local function named(text, number) return (string.gsub(text, ARGV[2], number)) end
for index = ARGV[3], ARGV[3] + ARGV[4] - 1 do
  local number = string.format('B%010d', index)
  for _, text in ipairs(template.strings) do redis.call('SET', named(text.key, number), named(text.text, number)) end
  for _, hash in ipairs(template.hashes) do
    local cells = {}
    for i, cell in ipairs(hash.cells) do cells[i] = named(cell, number) end
    redis.call('HSET', named(hash.key, number), unpack(cells))
  end
  for _, list in ipairs(template.lists) do
    for _, line in ipairs(list.lines) do redis.call('RPUSH', named(list.key, number), named(line, number)) end
  end
  for _, set in ipairs(template.sets) do
    redis.call('ZADD', set.key, set.score + index % 1000000, named(set.member, number))
  end
end
for _, each in ipairs(template.money) do redis.call('HINCRBY', KEYS[1], each.name, each.fen * ARGV[4]) end

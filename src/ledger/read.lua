-- One refund as it stands, with the clock that every age is measured by.
-- KEYS: 1 record, 2 early notice, 3 safe start, 4 gate of the merchant, 5 stop of the fleet
-- Returns: now (epoch ms), what is stored (see record.lua) without its history, early notice's dt_refund ('' when it had none), safe start,
-- whether neither gate nor stop says anything (1/0)
local time = redis.call('TIME')
local stored = redis.call('GET', KEYS[1])
return {
  time[1] * 1000 + math.floor(time[2] / 1000),
  stored and (string.match(stored, '^[^\n]*\n[^\n]*') or stored),
  redis.call('HGET', KEYS[2], 'dt_refund'),
  redis.call('GET', KEYS[3]),
  redis.call('EXISTS', KEYS[4], KEYS[5]) == 0 and 1 or 0,
}

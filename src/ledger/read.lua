-- One refund as it stands, with the clock that every age is measured by.
-- KEYS: 1 record, 2 early notice, 3 safe start
-- Returns: now (epoch ms), format, version, token, data, tombstone, early notice's dt_refund ('' when it had none), safe start
local time = redis.call('TIME')
local record = redis.call('HMGET', KEYS[1], 'format', 'version', 'token', 'data', 'tombstone')
return {
  time[1] * 1000 + math.floor(time[2] / 1000),
  record[1], record[2], record[3], record[4], record[5],
  redis.call('HGET', KEYS[2], 'dt_refund'),
  redis.call('GET', KEYS[3]),
}

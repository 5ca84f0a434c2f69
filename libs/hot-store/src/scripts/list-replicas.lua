#!lua flags=no-writes
-- Everything known of the replicas, at one instant.
-- KEYS as in fleet.lua
-- Returns { now ms, replicas as flat pairs, holdings as flat pairs, lost ones, lost ones dropped }
local time = redis.call('TIME')
return {
  string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)),
  redis.call('HGETALL', KEYS[2]),
  redis.call('HGETALL', KEYS[3]),
  redis.call('HLEN', KEYS[6]),
  redis.call('HGET', KEYS[1], 'lostDropped'),
}

#!lua flags=allow-oom
-- From here on no append lands before the cut. The epoch is fresh each time, also after a failover that lost earlier
-- ones: it is at least the time in microseconds, so that two sealers never hold the same.
-- A full Redis must still be sealed and trimmed, or it would never have room again: hence allow-oom.
-- KEYS[1] {sNN}:state
-- ARGV[1] cut in ms
-- Returns { epoch, next, boundary, facts }
-- include bump
local state = redis.call('HMGET', KEYS[1], 'boundary', 'floor', 'next', 'epoch')
local time = redis.call('TIME')
local epoch = math.max(tonumber(state[4] or '0') + 1, time[1] * 1000000 + time[2])
local floor = math.max(tonumber(state[2] or '0'), tonumber(ARGV[1]))
epoch = string.format('%.0f', epoch)
redis.call('HSET', KEYS[1], 'epoch', epoch, 'floor', string.format('%.0f', floor))
return { epoch, state[3] or '1', state[1] or '0', facts(KEYS[1]) }

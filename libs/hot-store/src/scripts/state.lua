#!lua flags=no-writes
-- One shard's state at one instant.
-- KEYS[1] {sNN}:state
-- Returns { boundary, floor, trimmed, next, epoch, generation, appended, sealed, version, ahead, sec, usec }
local state = redis.call('HMGET', KEYS[1], 'boundary', 'floor', 'trimmed', 'next', 'epoch', 'generation', 'appended', 'sealed', 'version', 'ahead')
local time = redis.call('TIME')
state[11] = time[1]
state[12] = time[2]
return state

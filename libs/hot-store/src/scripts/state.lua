#!lua flags=no-writes
-- One shard's state at one instant.
-- KEYS[1] {sNN}:state
-- Returns { boundary, floor, trimmed, next, epoch, generation, appended, sealed, version, ahead, bytes, sec, usec }
local state = redis.call('HMGET', KEYS[1], 'boundary', 'floor', 'trimmed', 'next', 'epoch', 'generation', 'appended', 'sealed', 'version', 'ahead', 'bytes')
local time = redis.call('TIME')
state[12] = time[1]
state[13] = time[2]
return state

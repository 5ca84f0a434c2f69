#!lua flags=no-writes
-- One shard's state at one instant.
-- KEYS[1] {sNN}:state
-- Returns { boundary, floor, trimmed, next, epoch, generation, appended, sealed, version, sec, usec }
local state = redis.call('HMGET', KEYS[1], 'boundary', 'floor', 'trimmed', 'next', 'epoch', 'generation', 'appended', 'sealed', 'version')
local time = redis.call('TIME')
state[10] = time[1]
state[11] = time[2]
return state

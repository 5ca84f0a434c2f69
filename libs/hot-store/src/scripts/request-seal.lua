#!lua flags=allow-oom
-- Asks for a seal of everything that arrived until now.
-- allow-oom: a full Redis is when a seal is wanted most.
-- KEYS[1] {sNN}:state
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], 'sealRequested', now)
return now

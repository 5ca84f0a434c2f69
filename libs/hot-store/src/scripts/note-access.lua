#!lua
-- Notes that a channel which is there because somebody asked for it was asked for again.
-- KEYS[1] {channels}:asked
-- ARGV[1] login, ARGV[2] ms in which an access is noted once
local last = redis.call('HGET', KEYS[1], ARGV[1])
if not last then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now < tonumber(last) + tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now))
return 1

#!lua
-- Notes a registered channel's numeric id; a channel that was removed meanwhile stays removed.
-- KEYS[1] channels
-- ARGV[1] login, ARGV[2] id
local current = redis.call('HGET', KEYS[1], ARGV[1])
if not current then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], string.match(current, '^%d+') .. ' ' .. ARGV[2])
return 1

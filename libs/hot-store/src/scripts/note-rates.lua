#!lua
-- Notes messages a minute. Others make room, at random, when there are too many: they are noted anew within minutes.
-- KEYS[1] {ingest}:rates
-- ARGV[1] most channels, ARGV[2..] login, rate, and so on
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
local over = redis.call('HLEN', KEYS[1]) - tonumber(ARGV[1])
if over > 0 then redis.call('HDEL', KEYS[1], unpack(redis.call('HRANDFIELD', KEYS[1], string.format('%.0f', over)))) end
return over > 0 and over or 0

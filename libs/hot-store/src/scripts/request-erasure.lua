#!lua flags=allow-oom
-- Notes a request to erase. One with a later time, asked for meanwhile, stays.
-- KEYS[1] {erasures}:requests
-- KEYS[2] {erasures}:pending
-- ARGV[1] user id, ARGV[2] before ms, ARGV[3] the request
-- Returns what is noted now
local current = redis.call('HGET', KEYS[1], ARGV[1])
if current and tonumber(string.match(current, '^%d+')) >= tonumber(ARGV[2]) then return current end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('SADD', KEYS[2], ARGV[1])
return ARGV[3]

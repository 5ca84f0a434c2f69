#!lua flags=allow-oom
-- Notes how far a request has come, unless it was asked for again since.
-- KEYS[1] {erasures}:requests
-- KEYS[2] {erasures}:pending
-- ARGV[1] user id, ARGV[2] before ms, ARGV[3] the request, ARGV[4] 'pending' or 'done'
local current = redis.call('HGET', KEYS[1], ARGV[1])
if not current or string.match(current, '^%d+') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call(ARGV[4] == 'pending' and 'SADD' or 'SREM', KEYS[2], ARGV[1])
return 1

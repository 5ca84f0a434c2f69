#!lua flags=allow-oom
-- Notes a code until its time.
-- allow-oom: a full Redis must still let go of people; the key is small and expires.
-- KEYS[1] {optouts}:codes
-- ARGV[1] the code, ARGV[2] for how long it is good, ms, ARGV[3] most codes at a time
-- Returns 1 when it is issued, 0 when the very code is out already, -1 at the limit
-- include bump
local now = now_ms()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return -1 end
local issued = redis.call('ZADD', KEYS[1], 'NX', now + tonumber(ARGV[2]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return issued

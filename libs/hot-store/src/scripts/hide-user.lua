#!lua flags=allow-oom
-- Hides what a user sent before a time; a later time that is there stays. Readers see it with their next snapshot,
-- and every seal and swap under way is refused.
-- allow-oom: a full Redis must still let go of people.
-- KEYS[1] <scope>:state
-- KEYS[2] <scope>:erased
-- ARGV[1] user id, ARGV[2] ms
-- Returns 1 when something changed
-- include bump
local current = redis.call('HGET', KEYS[2], ARGV[1])
if current and tonumber(current) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
renew(KEYS[1], 'erasures')
bump(KEYS[1])
return 1

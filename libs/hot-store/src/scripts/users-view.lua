#!lua flags=no-writes
-- The folds of the by-user order, the runs they hold and who is erased, at one instant.
-- KEYS[1] {users}:state
-- KEYS[2] {users}:segments
-- KEYS[3] {users}:absorbed
-- KEYS[4] {users}:erased
-- ARGV[1] the version the caller has, '' for none
-- Returns { version, folds, absorbed, erased as flat pairs }; only the version when the caller's is current
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version == ARGV[1] then return { version } end
return { version, redis.call('HVALS', KEYS[2]), redis.call('HKEYS', KEYS[3]), redis.call('HGETALL', KEYS[4]) }

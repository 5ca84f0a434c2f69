#!lua flags=no-writes
-- Who is opted out, at one instant.
-- KEYS[1] {optouts}:state
-- KEYS[2] {optouts}:users
-- KEYS[3] {optouts}:channels
-- ARGV[1] the version the caller has, '' for none
-- Returns { version, user ids, channel ids }; only the version when the caller's is current
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version == ARGV[1] then return { version } end
return { version, redis.call('HKEYS', KEYS[2]), redis.call('HKEYS', KEYS[3]) }

#!lua flags=allow-oom
-- Says what will be gone before anything goes, so that a reader between two pages notices (RETRY).
-- allow-oom: a full Redis must be trimmed.
-- KEYS[1] {sNN}:state
-- ARGV[1] entries before this ms may go
-- Returns 'OK', or 'REFUSED' when a part is not yet cold (A1)
local state = redis.call('HMGET', KEYS[1], 'boundary', 'trimmed')
local before = tonumber(ARGV[1])
if before > tonumber(state[1] or '0') then return 'REFUSED' end
if before > tonumber(state[2] or '0') then redis.call('HSET', KEYS[1], 'trimmed', ARGV[1]) end
return 'OK'

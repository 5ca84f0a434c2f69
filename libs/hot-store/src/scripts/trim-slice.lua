#!lua flags=allow-oom
-- Removes at most about ARGV[3] entries of one channel, so that Redis is never blocked for long.
-- allow-oom: a full Redis must be trimmed.
-- KEYS[1] {sNN}:state
-- KEYS[2] {sNN}:hot:<channel id>
-- KEYS[3] {sNN}:channels
-- ARGV[1] entries before this ms go, ARGV[2] channel id, ARGV[3] entries of a slice
-- Returns { removed, 1 when nothing is left to remove }, or 'REFUSED' when the boundary or `trimmed` lies before (A1)
local state = redis.call('HMGET', KEYS[1], 'boundary', 'trimmed')
local before = tonumber(ARGV[1])
if before > tonumber(state[1] or '0') or before > tonumber(state[2] or '0') then return 'REFUSED' end

-- Only whole nodes of the stream can be removed with a limit. What is left then is a part of one node.
local removed = redis.call('XTRIM', KEYS[2], 'MINID', '~', ARGV[1], 'LIMIT', ARGV[3])
if removed > 0 then return { removed, 0 } end
removed = redis.call('XTRIM', KEYS[2], 'MINID', '=', ARGV[1])

-- In the same script as the trim: an append in between would be lost from sight.
if redis.call('XLEN', KEYS[2]) == 0 then
  redis.call('UNLINK', KEYS[2])
  redis.call('SREM', KEYS[3], ARGV[2])
end
return { removed, 1 }

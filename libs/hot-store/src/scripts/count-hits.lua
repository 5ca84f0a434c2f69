-- Counts what a client costs in a window that begins with its first hit.
-- KEYS[1] hits:<client>
-- ARGV[1] hits to add
-- ARGV[2] length of the window, ms
-- Returns { hits in the window, ms until it ends }
local hits = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return { hits, left }

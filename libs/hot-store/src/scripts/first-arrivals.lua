#!lua flags=no-writes
-- The first entry at or after the boundary in each of some channels.
-- KEYS[1] {sNN}:state, KEYS[2..] the streams
-- Returns the ids found
local boundary = redis.call('HGET', KEYS[1], 'boundary') or '0'
local ids = {}
for i = 2, #KEYS do
  local entries = redis.call('XRANGE', KEYS[i], boundary, '+', 'COUNT', 1)
  if entries[1] then ids[#ids + 1] = entries[1][1] end
end
return ids

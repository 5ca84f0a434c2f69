-- Counts entries out that leave hot, and the bytes of their raw lines. Bytes are never less than none, and none when nothing is
-- left: an earlier version did not count them.
local function count_out(state_key, entries, bytes)
  local sealed = redis.call('HINCRBY', state_key, 'sealed', entries)
  local left = redis.call('HINCRBY', state_key, 'bytes', string.format('%.0f', 0 - bytes))
  local appended = tonumber(redis.call('HGET', state_key, 'appended') or '0')
  if left < 0 or sealed >= appended then redis.call('HSET', state_key, 'bytes', '0') end
end

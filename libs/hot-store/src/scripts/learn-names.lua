#!lua
-- Notes names of one bucket; the one seen later wins, so that replayed old lines do not undo a rename.
-- KEYS[1] names:<bucket>
-- ARGV: field, value, seen ms, and so on
local written = 0
for i = 1, #ARGV, 3 do
  local current = redis.call('HGET', KEYS[1], ARGV[i])
  local seen = current and tonumber(string.match(current, ' (%d+)$')) or -1
  if tonumber(ARGV[i + 2]) > seen then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2])
    written = written + 1
  end
end
return written

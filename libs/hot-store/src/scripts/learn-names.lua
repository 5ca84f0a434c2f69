#!lua
-- Notes names; the one seen later wins, so that replayed old lines do not undo a rename.
-- KEYS   names:<bucket>, any number of them; in a cluster those of one slot
-- ARGV   for each key how many fields, then field, value, seen ms of each
local written = 0
local at = 1
for _, key in ipairs(KEYS) do
  local last = at + 3 * tonumber(ARGV[at])
  for i = at + 1, last, 3 do
    local current = redis.call('HGET', key, ARGV[i])
    local seen = current and tonumber(string.match(current, ' (%d+)$')) or -1
    if tonumber(ARGV[i + 2]) > seen then
      redis.call('HSET', key, ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2])
      written = written + 1
    end
  end
  at = last + 1
end
return written

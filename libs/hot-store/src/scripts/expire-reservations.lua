#!lua flags=allow-oom
-- Ends old reservations: their numbers are decided, a swap with them is stale from now on.
-- KEYS[1] <scope>:reserved
-- ARGV[1] reservations made before this ms end
-- Returns the numbers that are still reserved
local left = {}
local pairs_of = redis.call('HGETALL', KEYS[1])
for i = 1, #pairs_of, 2 do
  if tonumber(pairs_of[i + 1]) < tonumber(ARGV[1]) then
    redis.call('HDEL', KEYS[1], pairs_of[i])
  else
    left[#left + 1] = pairs_of[i]
  end
end
return left

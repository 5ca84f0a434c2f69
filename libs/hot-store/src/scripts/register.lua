#!lua
-- Adds logins to the registry, to stay; one that is there keeps its id and time, and is no longer there only because
-- somebody asked for it.
-- KEYS[1] channels
-- KEYS[2] {channels}:asked
-- ARGV[1] most channels, ARGV[2..] logins
-- Returns how many are new, or -1 when the registry would grow too large (nothing is added then)
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
if redis.call('HLEN', KEYS[1]) + #ARGV - 1 > tonumber(ARGV[1]) then
  local fresh = 0
  for i = 2, #ARGV do fresh = fresh + 1 - redis.call('HEXISTS', KEYS[1], ARGV[i]) end
  if redis.call('HLEN', KEYS[1]) + fresh > tonumber(ARGV[1]) then return -1 end
end
local added = 0
for i = 2, #ARGV do
  added = added + redis.call('HSETNX', KEYS[1], ARGV[i], now .. ' ')
  redis.call('HDEL', KEYS[2], ARGV[i])
end
return added

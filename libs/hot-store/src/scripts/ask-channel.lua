#!lua
-- Registers a channel because somebody asked for it; one that is registered stays as it is.
-- KEYS[1] channels
-- KEYS[2] {channels}:asked
-- ARGV[1] login, ARGV[2] most channels, ARGV[3] most of them that are there because somebody asked
-- Returns added, known, or full (nothing is added then)
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'known' end
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[2]) or redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[3]) then
  return 'full'
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], ARGV[1], now .. ' ')
redis.call('HSET', KEYS[2], ARGV[1], now)
return 'added'

#!lua flags=allow-oom
-- Removes the channels that were there because somebody asked for them, and for which nobody has asked for long.
-- KEYS[1] channels
-- KEYS[2] {channels}:asked
-- ARGV[1] ms since the last access
-- Returns their logins
local time = redis.call('TIME')
local before = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[1])
local asked = redis.call('HGETALL', KEYS[2])
local dropped = {}
for i = 1, #asked, 2 do
  if tonumber(asked[i + 1]) <= before then
    redis.call('HDEL', KEYS[1], asked[i])
    redis.call('HDEL', KEYS[2], asked[i])
    dropped[#dropped + 1] = asked[i]
  end
end
return dropped

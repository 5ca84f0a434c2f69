-- Notes that a manifest changed. The generation alone could come again after a failover that lost a change; the time
-- makes the version unique, so that nobody goes on with a cached manifest that never was.
local function bump(state_key)
  local time = redis.call('TIME')
  local generation = redis.call('HINCRBY', state_key, 'generation', 1)
  redis.call('HSET', state_key, 'version', string.format('%.0f-%.0f', generation, time[1] * 1000000 + time[2]))
end

-- Gives a field of the state a number it never had, also after a failover that lost earlier ones.
local function renew(state_key, field)
  local time = redis.call('TIME')
  local current = tonumber(redis.call('HGET', state_key, field) or '0')
  redis.call('HSET', state_key, field, string.format('%.0f', math.max(current + 1, time[1] * 1000000 + time[2])))
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- What changed beside appends and seals: requests to erase, and records that came or went by another way.
local function facts(state_key)
  local counts = redis.call('HMGET', state_key, 'erasures', 'added')
  return (counts[1] or '0') .. ':' .. (counts[2] or '0')
end

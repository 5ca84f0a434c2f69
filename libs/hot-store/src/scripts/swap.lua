#!lua flags=allow-oom
-- Takes entries out of a manifest and puts others in, all or nothing, if everything is as the job found it.
-- allow-oom: a full Redis must still be archived.
-- KEYS[1] <scope>:state
-- KEYS[2] <scope>:segments
-- KEYS[3] <scope>:reserved
-- KEYS[4] <scope>:removed
-- KEYS[5] {users}:absorbed
-- ARGV[1] first number of the reservation, ARGV[2] how many, ARGV[3] when it was made, ms
-- ARGV[4] erasures as the reservation returned them, ARGV[5] how long a reservation lasts, ms
-- ARGV[6] the version it must be when new records come, else '': a generation could come again after a failover
-- ARGV[7] entries removed, ARGV[8] entries added
-- ARGV[9..] per entry removed: number, object key; per entry added: number, object key, JSON; runs absorbed
-- Returns 'committed', 'already' or 'stale'
-- include bump
local first, count = tonumber(ARGV[1]), tonumber(ARGV[2])
-- Who did it. A later call finds by it that this very swap took place, also when it added nothing.
local by = ARGV[1] .. ':' .. ARGV[3]
local removed, added, absorbed = {}, {}, {}
local at = 9
for _ = 1, tonumber(ARGV[7]) do
  removed[#removed + 1] = { number = ARGV[at], key = ARGV[at + 1] }
  at = at + 2
end
for _ = 1, tonumber(ARGV[8]) do
  added[#added + 1] = { number = ARGV[at], key = ARGV[at + 1], json = ARGV[at + 2] }
  at = at + 3
end
for i = at, #ARGV do absorbed[#absorbed + 1] = ARGV[i] end

-- The object key that the manifest has under a number: nil for none, '' for what cannot be read.
local function key_of(number)
  local json = redis.call('HGET', KEYS[2], number)
  if not json then return nil end
  local is_json, entry = pcall(cjson.decode, json)
  return is_json and type(entry) == 'table' and entry.key or ''
end

local function did(key, field)
  local value = redis.call('HGET', key, field)
  return value and string.match(value, ' (.*)$') == by
end

-- A lost reply: what this swap added is there, or what it removed and absorbed says that it did so.
local function all(list, test)
  for _, item in ipairs(list) do
    if not test(item) then return false end
  end
  return true
end
local is_there = #added > 0 and all(added, function(entry) return key_of(entry.number) == entry.key end)
local is_gone = #removed + #absorbed > 0
  and all(removed, function(entry) return did(KEYS[4], entry.key) end)
  and all(absorbed, function(run) return did(KEYS[5], run) end)
if is_there or is_gone then return 'already' end

local now = now_ms()
if redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[3] then return 'stale' end
if now - tonumber(ARGV[3]) >= tonumber(ARGV[5]) then return 'stale' end
local state = redis.call('HMGET', KEYS[1], 'erasures', 'version')
if (state[1] or '0') ~= ARGV[4] then return 'stale' end
if ARGV[6] ~= '' and (state[2] or '0') ~= ARGV[6] then return 'stale' end
if not all(removed, function(entry) return key_of(entry.number) == entry.key end) then return 'stale' end
if not all(added, function(entry) return key_of(entry.number) == nil end) then return 'stale' end
if not all(absorbed, function(run) return redis.call('HEXISTS', KEYS[5], run) == 0 end) then return 'stale' end

local mark = string.format('%.0f', now) .. ' ' .. by
for _, entry in ipairs(removed) do
  redis.call('HDEL', KEYS[2], entry.number)
  redis.call('HSET', KEYS[4], entry.key, mark)
end
for _, entry in ipairs(added) do redis.call('HSET', KEYS[2], entry.number, entry.json) end
for _, run in ipairs(absorbed) do redis.call('HSET', KEYS[5], run, mark) end
for number = first, first + count - 1 do redis.call('HDEL', KEYS[3], string.format('%.0f', number)) end
if ARGV[6] ~= '' then renew(KEYS[1], 'added') end
bump(KEYS[1])
return 'committed'

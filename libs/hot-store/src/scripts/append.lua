#!lua
-- Appends a batch of lines to the streams of one shard. All or nothing is not needed: every order of effects below
-- leaves, at worst, a record twice in a stream (readers drop equal keys), never a key in `seen` without its record.
-- Without flags after "#!lua" Redis refuses the whole call at its start when memory is full, so nothing is half done.
--
-- KEYS[1] {sNN}:state    every other key has the same hash tag and is made from it: days and windows depend on TIME
-- ARGV[1] length of a window of `seen` in ms
-- ARGV[2] the record keys, 16 bytes each
-- ARGV[3] the lines, one behind the other: place of the channel in ARGV in two bytes; user id or '', type, sent ms or ''
--         behind their lengths in one byte; raw line behind its length in four. One argument, as each costs its client
-- ARGV[4..] the channel ids
-- Returns { appended, duplicates }

local LINE = '>HBc0Bc0Bc0I4c0'
local FIRST_CHANNEL = 4

local tag = string.sub(KEYS[1], 1, -7)
local window_ms = tonumber(ARGV[1])
local count = string.len(ARGV[2]) / 16

-- While a cluster moves the slot to another node, some keys are here and some there, and a write would split a stream
-- between them. Two keys, of which one is never there, are refused then, before anything is done.
redis.call('EXISTS', KEYS[1], tag .. ':none')

-- One reading of the clock for the whole call. Redis time is the only clock.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local floor_ms = tonumber(redis.call('HGET', KEYS[1], 'floor') or '0')
-- No arrival before the floor, ever: a sealer may be reading what lies before it.
local arrival_ms = math.max(now_ms, floor_ms)
local arrival = string.format('%.0f', arrival_ms)

-- YYYY-MM-DD of the arrival (Howard Hinnant's civil_from_days, for years after 1970).
local function day_of(ms)
  local z = math.floor(ms / 86400000) + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local day = doy - math.floor((153 * mp + 2) / 5) + 1
  local month = mp < 10 and mp + 3 or mp - 9
  local year = yoe + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02d', year, month, day)
end

local keys = { struct.unpack(string.rep('c16', count), ARGV[2]) }
keys[count + 1] = nil -- Where the next key would begin.

-- What the current window and the two before it have seen: ten minutes at least, fifteen at most.
local window = math.floor(now_ms / window_ms)
local function seen_key(number) return tag .. ':seen:' .. string.format('%.0f', number) end
local known = {}
for number = window - 2, window do
  local flags = redis.call('SMISMEMBER', seen_key(number), unpack(keys))
  for i = 1, count do
    if flags[i] == 1 then known[keys[i]] = true end
  end
end

local users = tag .. ':user:' .. day_of(arrival_ms) .. ':'
local done = {}
local fresh, bytes = 0, 0
local indexed = {}

-- The sets come before the streams: an index may claim too much, never too little.
local noted = redis.pcall('SADD', tag .. ':channels', unpack(ARGV, FIRST_CHANNEL))
if type(noted) == 'table' then return noted end
local failure

local function index(place, user)
  local users_of = indexed[place]
  if not users_of then
    users_of = {}
    indexed[place] = users_of
  end
  if user ~= '' and not users_of[user] then
    local reply = redis.pcall('SADD', users .. user, ARGV[place])
    if type(reply) == 'table' then return reply end
    users_of[user] = true
  end
end

-- The first arrival after all that a stream ever had, also after what was erased from its end.
local function after_last(stream)
  local info = redis.call('XINFO', 'STREAM', stream)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      return string.format('%.0f', tonumber(string.match(info[i + 1], '^%d+')) + 1)
    end
  end
end

-- Always an explicit time: '*' reads the clock anew and could land before the floor when it steps back. What one call adds
-- to a stream has an arrival of its own there: a reader sees all entries of an arrival or none, so that (arrival, sent
-- time, key) is an order in which nothing comes in between later. Where the stream has got that far already (another call
-- in this millisecond, a clock that stepped back) it is the next one after its last.
local streams = tag .. ':hot:'
local ids = {}
local ahead
local function add(place, user, kind, sent, raw)
  local stream = streams .. ARGV[place]
  local reply = redis.pcall('XADD', stream, ids[place] or arrival .. '-0', 'r', raw, 't', sent, 'u', user, 'k', kind)
  if type(reply) == 'table' and string.find(reply.err, 'equal or smaller', 1, true) then
    local later = after_last(stream)
    reply = redis.pcall('XADD', stream, later .. '-0', 'r', raw, 't', sent, 'u', user, 'k', kind)
    if type(reply) ~= 'table' then ahead = math.max(ahead or 0, tonumber(later)) end
  end
  if type(reply) == 'table' then return reply end
  if not ids[place] then ids[place] = string.match(reply, '^%d+') .. '-*' end
end

local at = 1
for i = 1, count do
  local place, user, kind, sent, raw
  place, user, kind, sent, raw, at = struct.unpack(LINE, ARGV[3], at)
  local key = keys[i]
  if not known[key] then
    failure = index(place, user) or add(place, user, kind, sent, raw)
    if failure then break end
    known[key] = true
    fresh = fresh + 1
    bytes = bytes + #raw
    done[fresh] = key
  end
end

-- How far arrivals are ahead of clock and floor: a seal of all that has arrived goes so far.
if ahead and ahead > tonumber(redis.call('HGET', KEYS[1], 'ahead') or '0') then
  redis.call('HSET', KEYS[1], 'ahead', string.format('%.0f', ahead))
end

-- Last, so that a key is never in `seen` before its record is in the stream.
if fresh > 0 then
  redis.call('HINCRBY', KEYS[1], 'appended', fresh)
  redis.call('HINCRBY', KEYS[1], 'bytes', bytes)
  redis.call('SADD', seen_key(window), unpack(done))
  redis.call('PEXPIREAT', seen_key(window), string.format('%.0f', (window + 4) * window_ms))
end
if failure then return failure end
return { fresh, count - fresh }

-- What the scripts of the fleet share. They all take the same keys, and bump.lua first:
-- KEYS[1] {ingest}:state     lastBeat, graceUntil, swept (ms), version, lostDropped
-- KEYS[2] {ingest}:replicas  replica -> what is known of it, as JSON
-- KEYS[3] {ingest}:holdings  replica -> its slots: "12h 13j", h holding, j joining
-- KEYS[4] {ingest}:uncovered slot -> ms since when nobody holds it
-- KEYS[5] {ingest}:runs      replica -> "<ms of the last one> <run> <run>", oldest first; "!" after one that has left
-- KEYS[6] {ingest}:lost      "<replica> <run>" -> a dead replica, as JSON
local RUNS_KEPT = 16
local RUN_LISTS_KEPT = 4096
local HOUR_MS = 3600000

local function whole(number) return string.format('%.0f', number) end

-- nil for what cannot be read: it is nobody, and is swept away.
local function meta_of(json)
  if not json then return nil end
  local is_json, meta = pcall(cjson.decode, json)
  if not is_json or type(meta) ~= 'table' or type(meta.run) ~= 'string' then return nil end
  if type(meta.beatMs) ~= 'number' or type(meta.joinedMs) ~= 'number' then return nil end
  if type(meta.coveredMs) ~= 'number' then meta.coveredMs = nil end
  return meta
end

-- What is missing of a replica's slots was sent after this.
local function covered_of(meta) return meta.coveredMs or meta.joinedMs end

local function slots_of(text)
  local slots = {}
  for slot, how in string.gmatch(text or '', '(%d+)([hj])') do slots[slot] = how end
  return slots
end

-- Notes since when nobody holds slots; not of those that somebody holds. Of two times the earlier stays.
local function note_uncovered(since)
  if next(since) == nil then return end
  for _, text in ipairs(redis.call('HVALS', KEYS[3])) do
    for slot in string.gmatch(text, '(%d+)h') do since[slot] = nil end
  end
  for slot, ms in pairs(since) do
    local known = tonumber(redis.call('HGET', KEYS[4], slot) or '')
    if not known or ms < known then redis.call('HSET', KEYS[4], slot, whole(ms)) end
  end
end

-- Takes members out, all at once: what only they held is uncovered since the last of them covered it.
local function take_out(members)
  local since = {}
  for _, member in ipairs(members) do
    member.slots = slots_of(redis.call('HGET', KEYS[3], member.replica))
    redis.call('HDEL', KEYS[2], member.replica)
    redis.call('HDEL', KEYS[3], member.replica)
    for slot, how in pairs(member.slots) do
      if how == 'h' then since[slot] = math.max(since[slot] or 0, covered_of(member.meta)) end
    end
  end
  note_uncovered(since)
end

local function runs_of(replica)
  local runs = {}
  local known = string.match(redis.call('HGET', KEYS[5], replica) or '', '^%d+ (.*)$')
  for run in string.gmatch(known or '', '%S+') do runs[#runs + 1] = run end
  return runs
end

-- 'new', 'last', or 'over': a later run came, or this one has left. Never goes back, so that a process that was stopped
-- and goes on, or a heartbeat that comes late, does not take the place of a later one.
local function phase_of(run, runs)
  for i, known in ipairs(runs) do
    if known == run then return i == #runs and 'last' or 'over' end
    if known == run .. '!' then return 'over' end
  end
  return 'new'
end

local function write_runs(replica, runs, now)
  local kept = {}
  for i = math.max(1, #runs - RUNS_KEPT + 1), #runs do kept[#kept + 1] = runs[i] end
  redis.call('HSET', KEYS[5], replica, whole(now) .. ' ' .. table.concat(kept, ' '))
  if redis.call('HLEN', KEYS[5]) <= RUN_LISTS_KEPT then return end
  -- Ids that come new with every start (host names of pods): those long gone are forgotten.
  local lists = redis.call('HGETALL', KEYS[5])
  for i = 1, #lists, 2 do
    local ms = tonumber(string.match(lists[i + 1], '^%d+') or '0')
    if now - ms > HOUR_MS and redis.call('HEXISTS', KEYS[2], lists[i]) == 0 then redis.call('HDEL', KEYS[5], lists[i]) end
  end
end

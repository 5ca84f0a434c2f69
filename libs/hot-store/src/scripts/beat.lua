#!lua flags=allow-oom
-- One heartbeat of a replica. Redis time is the only clock.
-- allow-oom: a full Redis must not make everybody dead. What is written is bounded.
-- KEYS as in fleet.lua
-- ARGV[1] replica, ARGV[2] run, ARGV[3] weight, ARGV[4] 'true' when leaving, ARGV[5] covered ms or '', ARGV[6] load as JSON
-- ARGV[7] declared slots, ARGV[8] the version the caller has or ''
-- ARGV[9] how long a silent replica lives, ms; ARGV[10] most replicas
-- ARGV[11] most lost ones in the answer, ARGV[12] most lost ones at all
-- Returns { now ms, version, standing, uncovered as flat pairs, lost as flat pairs } and, when the caller's version is
-- another, members and holdings as flat pairs; or 'FULL' when there are too many replicas (the caller is not entered)
-- include bump
-- include fleet
local replica, run, declared, seen = ARGV[1], ARGV[2], ARGV[7], ARGV[8]
local dead, lost_max = tonumber(ARGV[9]), tonumber(ARGV[12])
local now = now_ms()
local is_changed = false

local function version() return redis.call('HGET', KEYS[1], 'version') or '0' end

local runs = runs_of(replica)
local phase = phase_of(run, runs)
if phase == 'over' then return { whole(now), version(), 'superseded', {}, {} } end

-- One that was lost before and nobody wrote it down yet: both together.
local function write_lost(member)
  local field = member.replica .. ' ' .. member.meta.run
  local covered, slots = covered_of(member.meta), {}
  for slot in pairs(member.slots) do slots[tonumber(slot)] = true end
  local is_json, known = pcall(cjson.decode, redis.call('HGET', KEYS[6], field) or '')
  if is_json and type(known) == 'table' and type(known.coveredMs) == 'number' and type(known.slots) == 'table' then
    covered = math.min(covered, known.coveredMs)
    for _, slot in ipairs(known.slots) do slots[slot] = true end
  elseif redis.call('HLEN', KEYS[6]) >= lost_max then
    local oldest, oldest_ms
    local all = redis.call('HGETALL', KEYS[6])
    for i = 1, #all, 2 do
      local ms = tonumber(string.match(all[i + 1], '"lostAtMs":(%d+)') or '0')
      if not oldest_ms or ms < oldest_ms then oldest, oldest_ms = all[i], ms end
    end
    redis.call('HDEL', KEYS[6], oldest)
    redis.call('HINCRBY', KEYS[1], 'lostDropped', 1)
  end
  local list = {}
  for slot in pairs(slots) do list[#list + 1] = slot end
  table.sort(list)
  local json = '{"coveredMs":%.0f,"lostAtMs":%.0f,"slots":[%s]}'
  redis.call('HSET', KEYS[6], field, string.format(json, covered, now, table.concat(list, ',')))
end

local function evict(members)
  if #members == 0 then return end
  take_out(members)
  for _, member in ipairs(members) do
    if member.meta.run ~= '' then write_lost(member) end
  end
  is_changed = true
end

local function write_meta(id, meta)
  local json = '{"run":"%s","beatMs":%.0f,"joinedMs":%.0f,"weight":%s,"isLeaving":%s,"coveredMs":%s,"missed":"%s","load":%s}'
  redis.call('HSET', KEYS[2], id, string.format(json, meta.run, meta.beatMs, meta.joinedMs, meta.weight,
    tostring(meta.isLeaving), meta.coveredMs and whole(meta.coveredMs) or 'null', meta.missed or '', meta.load))
end

-- Takes out who was silent for too long. A heartbeat from the future (the clock went back) counts as one of now.
local function sweep(grace_until)
  local silent = {}
  local all = redis.call('HGETALL', KEYS[2])
  for i = 1, #all, 2 do
    local meta = meta_of(all[i + 1])
    if not meta then
      silent[#silent + 1] = { replica = all[i], meta = { run = '', joinedMs = now } }
    elseif meta.beatMs > now then
      meta.beatMs = now
      meta.coveredMs = meta.coveredMs and math.min(meta.coveredMs, now)
      meta.load = cjson.encode(meta.load)
      write_meta(all[i], meta)
    elseif now >= grace_until and now - meta.beatMs > dead and not (all[i] == replica and meta.run == run) then
      silent[#silent + 1] = { replica = all[i], meta = meta }
    end
  end
  evict(silent)
end

-- Nobody was heard of for half as long as one may be silent, or the clock went back: Redis was away or its clock
-- stepped. Everybody gets the time to be heard of. (Half, as otherwise a pause just below it would leave no time.)
local state = redis.call('HMGET', KEYS[1], 'lastBeat', 'graceUntil', 'swept')
local last_beat, grace_until, swept = tonumber(state[1] or ''), tonumber(state[2] or '0'), tonumber(state[3] or '0')
local tolerance = dead / 10
if not last_beat or now - last_beat > dead / 2 or last_beat - now > tolerance then grace_until = now + dead end
-- Not with every heartbeat: with a thousand replicas that would be a million looks a second.
if now < swept or now - swept >= tolerance then
  sweep(grace_until)
  swept = now
end
redis.call('HSET', KEYS[1], 'lastBeat', whole(now), 'graceUntil', whole(grace_until), 'swept', whole(swept))

-- An earlier run of the caller has ended, or is about to find out.
local stored = meta_of(redis.call('HGET', KEYS[2], replica))
if stored and stored.run ~= run then
  evict({ { replica = replica, meta = stored } })
  stored = nil
end
if not stored and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[10]) then
  if is_changed then bump(KEYS[1]) end
  return 'FULL'
end
if phase == 'new' then
  runs[#runs + 1] = run
  write_runs(replica, runs, now)
end

-- The answer that says 'evicted' may be lost: it is said until the caller comes with the version of that answer.
local me = { run = run, beatMs = now, joinedMs = now, weight = ARGV[3], isLeaving = ARGV[4], load = ARGV[6] }
if stored then
  me.joinedMs = stored.joinedMs
  if stored.missed == seen then me.missed = seen end
  if stored.weight ~= tonumber(ARGV[3]) or tostring(stored.isLeaving) ~= ARGV[4] then is_changed = true end
else
  me.missed = seen
  is_changed = true
end
local standing = (me.missed or '') ~= '' and 'evicted' or 'member'
local covered = tonumber(ARGV[5]) or (stored and stored.coveredMs)
me.coveredMs = covered and math.min(covered, now)
write_meta(replica, me)

local function declare(before, after)
  redis.call(declared == '' and 'HDEL' or 'HSET', KEYS[3], unpack(declared == '' and { replica } or { replica, declared }))
  local held, since = {}, {}
  for slot, how in pairs(after) do
    if how == 'h' then held[#held + 1] = slot end
  end
  if #held > 0 then redis.call('HDEL', KEYS[4], unpack(held)) end
  for slot, how in pairs(before) do
    if how == 'h' then since[slot] = covered_of(me) end
  end
  note_uncovered(since)
  is_changed = true
end

local before = redis.call('HGET', KEYS[3], replica) or ''
local slots = slots_of(declared)
if before ~= declared then declare(slots_of(before), slots) end
if is_changed then bump(KEYS[1]) end

local joining, uncovered = {}, {}
for slot, how in pairs(slots) do
  if how == 'j' then joining[#joining + 1] = slot end
end
if #joining > 0 then
  local since = redis.call('HMGET', KEYS[4], unpack(joining))
  for i, slot in ipairs(joining) do
    if since[i] then
      uncovered[#uncovered + 1] = slot
      uncovered[#uncovered + 1] = since[i]
    end
  end
end

-- Any of the lost when there are many: whoever writes them down comes across each, and a thousand deaths cost no more.
local some_lost = redis.call('HRANDFIELD', KEYS[6], ARGV[11], 'WITHVALUES')
local reply = { whole(now), version(), standing, uncovered, some_lost }
if reply[2] ~= seen then
  reply[6] = redis.call('HGETALL', KEYS[2])
  reply[7] = redis.call('HGETALL', KEYS[3])
end
return reply

#!lua flags=allow-oom
-- Adds a segment to the manifest and moves the boundary to the cut, if everything is as the freeze left it.
-- allow-oom: a full Redis must still be sealed, or it would never have room again.
-- KEYS[1] {sNN}:state
-- KEYS[2] {sNN}:segments
-- ARGV[1] epoch, ARGV[2] next, ARGV[3] boundary, all as the freeze returned them
-- ARGV[4] cut in ms, ARGV[5] number of stream entries in [boundary, cut), ARGV[9] bytes of their raw lines
-- ARGV[6] the segment as JSON or '' for none, ARGV[7] its object key
-- ARGV[8] facts as the freeze returned them: a seal that ran through a request to erase, or while an import brought
--   records in, may hold what must not come
-- Returns 'committed', 'already' or 'stale'
-- include bump
-- include count-out
local state = redis.call('HMGET', KEYS[1], 'epoch', 'next', 'boundary', 'floor')
local epoch, number, boundary = state[1] or '0', state[2] or '1', state[3] or '0'
local floor = tonumber(state[4] or '0')
local cut = tonumber(ARGV[4])

-- A lost reply: the very object is in the manifest. Whatever moved since, this commit took place.
if ARGV[6] ~= '' then
  local existing = redis.call('HGET', KEYS[2], ARGV[2])
  if existing then
    local is_json, segment = pcall(cjson.decode, existing)
    if not is_json or type(segment) ~= 'table' then return redis.error_reply('CORRUPT manifest entry ' .. ARGV[2]) end
    if segment.key == ARGV[7] then return 'already' end
  end
elseif epoch == ARGV[1] and number == ARGV[2] and boundary == ARGV[4] and boundary ~= ARGV[3] then
  return 'already'
end

if epoch ~= ARGV[1] or number ~= ARGV[2] or boundary ~= ARGV[3] or floor < cut then return 'stale' end
if facts(KEYS[1]) ~= ARGV[8] then return 'stale' end

if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[6])
  redis.call('HSET', KEYS[1], 'next', string.format('%.0f', tonumber(number) + 1))
end
count_out(KEYS[1], ARGV[5], ARGV[9])
redis.call('HSET', KEYS[1], 'boundary', ARGV[4])
bump(KEYS[1])
return 'committed'

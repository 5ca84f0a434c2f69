#!lua flags=allow-oom
-- Takes runs that folds hold out of their shard's manifest. What is no run, or gone already, stays as it is.
-- KEYS[1] {sNN}:state
-- KEYS[2] {sNN}:segments
-- KEYS[3] {sNN}:removed
-- ARGV numbers
-- Returns how many went
-- include bump
local dropped = 0
for _, number in ipairs(ARGV) do
  local json = redis.call('HGET', KEYS[2], number)
  local is_json, entry = pcall(cjson.decode, json or '')
  if json and is_json and type(entry) == 'table' and entry.level == 'run' then
    redis.call('HDEL', KEYS[2], number)
    redis.call('HSET', KEYS[3], entry.key, string.format('%.0f', now_ms()) .. ' absorbed')
    dropped = dropped + 1
  end
end
if dropped > 0 then bump(KEYS[1]) end
return dropped

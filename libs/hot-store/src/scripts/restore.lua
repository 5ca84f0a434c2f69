#!lua flags=allow-oom
-- Puts another manifest in the place of the one that is there. Numbers, boundary and floor never go down.
-- What jobs under way were told of the one before is no longer so: their reservations, and which runs folds hold.
-- KEYS[1] <scope>:state
-- KEYS[2] <scope>:segments
-- KEYS[3] <scope>:reserved
-- KEYS[4] {users}:absorbed, in scope users only
-- ARGV[1] generation that must be, ARGV[2] next, ARGV[3] boundary ms or '' in scope users
-- ARGV[4] records that count as hot and are gone
-- ARGV[5..] per entry: number, JSON
-- Returns 'restored' or 'stale'
-- include bump
-- include count-out
local state = redis.call('HMGET', KEYS[1], 'generation', 'next', 'boundary', 'floor', 'appended', 'sealed')
if (state[1] or '0') ~= ARGV[1] then return 'stale' end

redis.call('UNLINK', unpack(KEYS, 2))
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('HSET', KEYS[1], 'next', string.format('%.0f', math.max(tonumber(state[2] or '1'), tonumber(ARGV[2]))))
if ARGV[3] ~= '' then
  local boundary = math.max(tonumber(state[3] or '0'), tonumber(ARGV[3]))
  local floor = math.max(tonumber(state[4] or '0'), boundary)
  redis.call('HSET', KEYS[1], 'boundary', string.format('%.0f', boundary), 'floor', string.format('%.0f', floor))
end
local appended, sealed = tonumber(state[5] or '0'), tonumber(state[6] or '0')
if sealed < appended and ARGV[4] ~= '0' then
  -- Never more than there were: entries that are erased meanwhile are counted out as well.
  count_out(KEYS[1], string.format('%.0f', math.min(appended - sealed, tonumber(ARGV[4]))), 0)
end
renew(KEYS[1], 'added')
bump(KEYS[1])
return 'restored'

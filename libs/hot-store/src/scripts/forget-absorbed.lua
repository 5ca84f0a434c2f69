#!lua flags=allow-oom
-- Forgets runs that folds hold and that no manifest names any more.
-- KEYS[1] {users}:state
-- KEYS[2] {users}:absorbed
-- ARGV the runs, each as shard:number
-- Returns how many
-- include bump
local forgotten = 0
for _, run in ipairs(ARGV) do forgotten = forgotten + redis.call('HDEL', KEYS[2], run) end
if forgotten > 0 then bump(KEYS[1]) end
return forgotten

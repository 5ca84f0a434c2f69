#!lua flags=allow-oom
-- Uses a code up and does what it was typed for; a code works once, until its time.
-- allow-oom: a full Redis must still let go of people.
-- KEYS[1] {optouts}:state
-- KEYS[2] {optouts}:users or {optouts}:channels
-- KEYS[3] {optouts}:codes
-- ARGV[1] id, ARGV[2] 'out' or 'in', ARGV[3] most ids, ARGV[4] the code
-- Returns 1 when that changed something, 0 when it was so, -1 at the limit (the code stays), -2 when there is no such code
-- include bump
-- include opt-out
local expires = redis.call('ZSCORE', KEYS[3], ARGV[4])
if not expires or tonumber(expires) <= now_ms() then return -2 end
local changed = set_opt_out(KEYS[1], KEYS[2], ARGV[1], ARGV[2] == 'out', tonumber(ARGV[3]))
if changed >= 0 then redis.call('ZREM', KEYS[3], ARGV[4]) end
return changed

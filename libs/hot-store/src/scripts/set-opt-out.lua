#!lua flags=allow-oom
-- Opts a user or channel out, or in again.
-- allow-oom: a full Redis must still let go of people.
-- KEYS[1] {optouts}:state
-- KEYS[2] {optouts}:users or {optouts}:channels
-- ARGV[1] id, ARGV[2] 'out' or 'in', ARGV[3] most ids
-- Returns 1 when that changed something, 0 when it was so, -1 at the limit
-- include bump
-- include opt-out
return set_opt_out(KEYS[1], KEYS[2], ARGV[1], ARGV[2] == 'out', tonumber(ARGV[3]))

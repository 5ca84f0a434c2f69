#!lua flags=allow-oom
-- Takes a replica out that ends on purpose. Nothing of it is lost, so nobody has to write it down.
-- allow-oom: with a full Redis, too, and it makes room.
-- KEYS as in fleet.lua
-- ARGV[1] replica, ARGV[2] run
-- Returns 1 when it was there
-- include bump
-- include fleet
local runs = runs_of(ARGV[1])
if phase_of(ARGV[2], runs) == 'last' then
  runs[#runs] = ARGV[2] .. '!'
  write_runs(ARGV[1], runs, now_ms())
end
local meta = meta_of(redis.call('HGET', KEYS[2], ARGV[1]))
if not meta or meta.run ~= ARGV[2] then return 0 end
take_out({ { replica = ARGV[1], meta = meta } })
bump(KEYS[1])
return 1

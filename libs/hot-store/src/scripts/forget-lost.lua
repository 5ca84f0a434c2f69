#!lua flags=allow-oom
-- Forgets a dead replica that is written down, unless it died again since, with more to write.
-- allow-oom: it makes room.
-- KEYS as in fleet.lua
-- ARGV[1] replica, ARGV[2] run, ARGV[3] covered ms, ARGV[4] slots, with commas
local field = ARGV[1] .. ' ' .. ARGV[2]
local is_json, lost = pcall(cjson.decode, redis.call('HGET', KEYS[6], field) or '')
if not is_json then return 0 end
if string.format('%.0f', lost.coveredMs) ~= ARGV[3] or table.concat(lost.slots, ',') ~= ARGV[4] then return 0 end
return redis.call('HDEL', KEYS[6], field)

#!lua flags=allow-oom
-- Forgets one direction of a name, unless it belongs to another id by now.
-- KEYS[1] names:<bucket>
-- ARGV[1] field, ARGV[2] the value it must have, without the time
local current = redis.call('HGET', KEYS[1], ARGV[1])
if not current or string.match(current, '^(.*) %d+$') ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])

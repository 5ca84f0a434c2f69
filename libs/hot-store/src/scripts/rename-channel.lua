#!lua
-- Registers a channel by another login, with its id; it stays for as long as it would have stayed by the old one, or by
-- the new one where that is there already. Does nothing where the old one is gone.
-- KEYS[1] channels
-- KEYS[2] {channels}:asked
-- ARGV[1] old login, ARGV[2] new login, ARGV[3] id
-- Returns 1 when it was renamed
local old = redis.call('HGET', KEYS[1], ARGV[1])
if not old then return 0 end
local new = redis.call('HGET', KEYS[1], ARGV[2])
local asked = redis.call('HGET', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[2], string.match(new or old, '^%d+') .. ' ' .. ARGV[3])
if not asked then
  redis.call('HDEL', KEYS[2], ARGV[2])
elseif not new then
  redis.call('HSET', KEYS[2], ARGV[2], asked)
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1

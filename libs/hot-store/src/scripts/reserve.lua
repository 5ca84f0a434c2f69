#!lua flags=allow-oom
-- Takes segment numbers out of use for others. A seal under way finds `next` moved and starts over.
-- allow-oom: a full Redis must still be archived.
-- KEYS[1] <scope>:state
-- KEYS[2] <scope>:reserved
-- ARGV[1] how many
-- Returns { first, erasures, generation, now in ms }
-- include bump
local state = redis.call('HMGET', KEYS[1], 'next', 'erasures', 'generation')
local first = tonumber(state[1] or '1')
local count = tonumber(ARGV[1])
local now = string.format('%.0f', now_ms())
for number = first, first + count - 1 do redis.call('HSET', KEYS[2], string.format('%.0f', number), now) end
redis.call('HSET', KEYS[1], 'next', string.format('%.0f', first + count))
return { string.format('%.0f', first), state[2] or '0', state[3] or '0', now }

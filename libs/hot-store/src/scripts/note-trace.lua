#!lua
-- Notes the trace of a batch that was just appended, with Redis time: the last of a shard, as long as a seal may want them.
-- KEYS[1] {sNN}:traces
-- ARGV[1] traceparent, ARGV[2] how many are kept, ARGV[3] for how long, ms
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[2] - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])

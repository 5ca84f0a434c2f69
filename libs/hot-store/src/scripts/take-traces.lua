#!lua
-- Takes the traces of batches that were noted before a time: each is told once.
-- KEYS[1] {sNN}:traces
-- ARGV[1] ms, exclusive
-- Returns them, the earliest first
local noted = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1])
return noted

#!lua flags=no-writes
-- A further hot page, or RETRY when the trim may have taken entries between the page's start and what is left.
-- KEYS[1] {sNN}:state
-- KEYS[2] {sNN}:hot:<channel id>
-- ARGV[1] id after which the page starts, ARGV[2] its ms, ARGV[3] most entries
local trimmed = redis.call('HGET', KEYS[1], 'trimmed')
if tonumber(trimmed or '0') > tonumber(ARGV[2]) then return 'RETRY' end
return redis.call('XRANGE', KEYS[2], '(' .. ARGV[1], '+', 'COUNT', ARGV[3])

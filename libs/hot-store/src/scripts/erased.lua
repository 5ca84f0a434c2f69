#!lua flags=no-writes
-- Who is erased, and the count of requests that belongs to it.
-- KEYS[1] <scope>:state
-- KEYS[2] <scope>:erased
-- Returns { erasures, flat pairs of user id and ms }
return { redis.call('HGET', KEYS[1], 'erasures') or '0', redis.call('HGETALL', KEYS[2]) }

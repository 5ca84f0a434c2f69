#!lua flags=no-writes
-- A hash as one flat list. (The client library would turn HGETALL's reply into an object with fields as names.)
-- KEYS[1] the hash
return redis.call('HGETALL', KEYS[1])

#!lua flags=no-writes
-- The registry as one flat list. (The client library would turn HGETALL's reply into an object with logins as names.)
-- KEYS[1] channels
return redis.call('HGETALL', KEYS[1])

#!lua flags=no-writes
-- The requests to erase that are not done, without those that are.
-- KEYS[1] {erasures}:requests
-- KEYS[2] {erasures}:pending
-- Returns flat pairs of user id and request
local found = {}
for _, user in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local request = redis.call('HGET', KEYS[1], user)
  if request then
    found[#found + 1] = user
    found[#found + 1] = request
  end
end
return found

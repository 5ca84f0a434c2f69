#!lua flags=allow-oom
-- Removes entries of one stream. A seal under way may have counted them, so it is made to start over.
-- allow-oom: a full Redis must still let go of people.
-- KEYS[1] {sNN}:state
-- KEYS[2] {sNN}:hot:<channel id>
-- ARGV stream ids
-- Returns how many were there
-- include bump
local boundary = tonumber(redis.call('HGET', KEYS[1], 'boundary') or '0')
local removed, hot = 0, 0
for _, id in ipairs(ARGV) do
  local count = redis.call('XDEL', KEYS[2], id)
  removed = removed + count
  -- What lies before the boundary was counted out when it was sealed.
  if tonumber(string.match(id, '^%d+')) >= boundary then hot = hot + count end
end
if hot > 0 then
  redis.call('HINCRBY', KEYS[1], 'sealed', hot)
  renew(KEYS[1], 'added')
end
return removed

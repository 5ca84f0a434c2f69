#!lua flags=allow-oom
-- Removes entries of one stream. A seal under way may have counted them, so it is made to start over.
-- allow-oom: a full Redis must still let go of people.
-- KEYS[1] {sNN}:state
-- KEYS[2] {sNN}:hot:<channel id>
-- ARGV per entry: stream id, bytes of its raw line
-- Returns how many were there
-- include bump
-- include count-out
local boundary = tonumber(redis.call('HGET', KEYS[1], 'boundary') or '0')
local removed, hot, bytes = 0, 0, 0
for i = 1, #ARGV, 2 do
  local count = redis.call('XDEL', KEYS[2], ARGV[i])
  removed = removed + count
  -- What lies before the boundary was counted out when it was sealed.
  if tonumber(string.match(ARGV[i], '^%d+')) >= boundary then
    hot = hot + count
    bytes = bytes + count * ARGV[i + 1]
  end
end
if hot > 0 then
  count_out(KEYS[1], hot, string.format('%.0f', bytes))
  renew(KEYS[1], 'added')
end
return removed

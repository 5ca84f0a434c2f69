-- Opts one id out or in. Needs bump. Returns 1 when that changed something, 0 when it was so, -1 at the limit.
local function set_opt_out(state_key, key, id, is_out, most)
  local is_in_list = redis.call('HEXISTS', key, id) == 1
  if is_in_list == is_out then return 0 end
  if is_out then
    if redis.call('HLEN', key) >= most then return -1 end
    redis.call('HSET', key, id, string.format('%.0f', now_ms()))
  else
    redis.call('HDEL', key, id)
  end
  bump(state_key)
  return 1
end

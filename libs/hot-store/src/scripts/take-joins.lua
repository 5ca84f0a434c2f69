#!lua flags=allow-oom
-- Takes joins from a budget: at most so many in any window, wherever it begins.
-- allow-oom: a full Redis must not stop the joins; the key is small and expires.
-- KEYS[1] {ingest}:joins:<name>  last ms of a bucket -> joins in it
-- ARGV[1] wanted, ARGV[2] most in a window, ARGV[3] window ms, ARGV[4] bucket ms
-- Returns how many are granted
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wanted, most, window, bucket = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local current = now - now % bucket + bucket - 1

-- A bucket counts whole until its last ms is a window ago. One of the future (the clock went back) becomes one of now:
-- it neither counts for longer than a window nor is it forgotten.
local used, ahead = 0, 0
local buckets = redis.call('HGETALL', KEYS[1])
for i = 1, #buckets, 2 do
  local last_ms, joins = tonumber(buckets[i]), tonumber(buckets[i + 1])
  if last_ms <= now - window then
    redis.call('HDEL', KEYS[1], buckets[i])
  else
    used = used + joins
    if last_ms > current then
      ahead = ahead + joins
      redis.call('HDEL', KEYS[1], buckets[i])
    end
  end
end
local granted = math.max(0, math.min(wanted, most - used))
if granted + ahead > 0 then
  redis.call('HINCRBY', KEYS[1], string.format('%.0f', current), granted + ahead)
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', 2 * window + bucket))
end
return granted

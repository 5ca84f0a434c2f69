#!lua flags=no-writes
-- State, manifest and a channel's first hot page at one instant (Q1): what the boundary leaves out, the manifest has.
-- KEYS[1] {sNN}:state
-- KEYS[2] {sNN}:segments
-- KEYS[3] {sNN}:erased
-- KEYS[4] {sNN}:hot:<channel id>, absent when only the manifest is wanted
-- ARGV[1] version of the manifest the caller has, '' for none
-- ARGV[2] most entries of the page
-- ARGV[3] erasures the caller has, '' for none
-- Returns { state as in state.lua, manifest values or nil when the caller's is current, entries, erasures, flat pairs
--   of user id and ms or nil when the caller's are current }
local state = redis.call('HMGET', KEYS[1], 'boundary', 'floor', 'trimmed', 'next', 'epoch', 'generation', 'appended', 'sealed', 'version', 'ahead', 'bytes')
local time = redis.call('TIME')
state[12] = time[1]
state[13] = time[2]

local segments = false
if (state[9] or '0') ~= ARGV[1] then segments = redis.call('HVALS', KEYS[2]) end

local entries = {}
if KEYS[4] then
  entries = redis.call('XRANGE', KEYS[4], state[1] or '0', '+', 'COUNT', ARGV[2])
end
local erasures = redis.call('HGET', KEYS[1], 'erasures') or '0'
local erased = false
if erasures ~= ARGV[3] then erased = redis.call('HGETALL', KEYS[3]) end
return { state, segments, entries, erasures, erased }

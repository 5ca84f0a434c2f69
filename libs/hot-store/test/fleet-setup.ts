import type { Cluster, Redis } from 'ioredis'
import type { ReplicaBeat } from '../src/index.ts'
import { INGEST_KEYS } from '../src/keys.ts'

const [STATE, REPLICAS] = INGEST_KEYS

/** A heartbeat of a replica that does nothing, unless given. */
export const beatOf = (replica: string, given: Partial<ReplicaBeat> = {}): ReplicaBeat => ({
  replica,
  run: `${replica}1`,
  weight: 1,
  isLeaving: false,
  coveredMs: undefined,
  load: { channels: 0, messagesPerSecond: 0, utilisation: 0 },
  slots: new Map(),
  version: undefined,
  ...given,
})

/** Nobody has ever been here. */
export async function forgetFleet(raw: Redis | Cluster): Promise<void> {
  await raw.del(...INGEST_KEYS)
}

const OLDER = `
for _, field in ipairs({ 'lastBeat', 'graceUntil', 'swept' }) do
  local ms = redis.call('HGET', KEYS[1], field)
  if ms then redis.call('HSET', KEYS[1], field, string.format('%.0f', ms - ARGV[1])) end
end
local all = redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
  local older = string.gsub(all[i + 1], '"beatMs":(%d+)', function(ms) return string.format('"beatMs":%.0f', ms - ARGV[1]) end)
  redis.call('HSET', KEYS[2], all[i], older)
end
`

/** Lets Redis' clock go on, or back, for the fleet: everything noted becomes older, or newer. */
export async function passFleetTime(raw: Redis | Cluster, ms: number): Promise<void> {
  await raw.eval(OLDER, 2, STATE, REPLICAS, ms)
}

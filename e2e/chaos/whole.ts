import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from './world/world.ts'

const POLL_MS = 250
/** The fleet counts as whole when it has been so in that many looks in a row. */
const LOOKS = 4
const WHOLE_MS_MAX = 120_000
/** Redis has answered lately, so what was in memory is stored. */
const REDIS_MS_MAX = 1000

/**
 * Waits until the fleet is whole: every channel is received by as many replicas as are to hide a failure, as the chat
 * server sees it, all replicas are ready, and none has lines that are not in Redis. False when that takes too long or
 * the run is over.
 */
export async function untilWhole(world: World, signal: AbortSignal): Promise<boolean> {
  const deadlineMs = performance.now() + WHOLE_MS_MAX
  let looks = 0
  while (looks < LOOKS) {
    if (signal.aborted || performance.now() > deadlineMs) return false
    const lacking = await lackingOf(world)
    looks = lacking === undefined ? looks + 1 : 0
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
  return true
}

/** What the fleet lacks to be whole; `undefined` when nothing. */
export async function lackingOf(world: World): Promise<string | undefined> {
  const { chat, ingests, tailer, options } = world
  const replicas = new Map<string, Set<string>>()
  for (const { channels, address, isStalled } of chat.connections()) {
    if (isStalled) continue
    for (const channel of channels) {
      const addresses = replicas.get(channel)
      if (addresses === undefined) replicas.set(channel, new Set([address]))
      else addresses.add(address)
    }
  }
  const lone = chat.channels.find(
    (channel) => (replicas.get(channel)?.size ?? 0) < options.replication,
  )
  if (lone !== undefined) return `${lone} is received by ${replicas.get(lone)?.size ?? 0}`
  if (performance.now() - tailer.answeredMs > REDIS_MS_MAX) return 'redis does not answer'
  const states = await Promise.all(
    ingests.map(async ({ part }) => {
      if (!(await part.isReady())) return `${part.name} is not ready`
      const metrics = await part.metrics()
      const unsent = ['spool_bytes', 'spooling_lanes'].find((name) => metricOf(metrics, name) !== 0)
      return unsent === undefined ? undefined : `${part.name} has ${unsent}`
    }),
  )
  return states.find((state) => state !== undefined)
}

/** The sum of a metric over its series; `undefined` where there is none. */
function metricOf(metrics: string | undefined, name: string): number | undefined {
  const series = new RegExp(`^poglog_[a-z]+_${name}(?:\\{.*\\})? (\\S+)$`, 'gm')
  const values = [...(metrics ?? '').matchAll(series)].map(([, value]) => Number(value))
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
}

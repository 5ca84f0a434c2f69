import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceProcess } from './service-process.ts'

const SETTLE_MS_MAX = 600_000
const POLL_MS = 250
/** More than one: between two heartbeats nothing moves either. */
const CALM_POLLS = 8

/**
 * Waits until each of `channels` channels is received by exactly one replica and no slot moves, two seconds long.
 *
 * @returns the milliseconds until it was so first.
 */
export async function untilSettled(
  replicas: readonly ServiceProcess[],
  channels: number,
): Promise<number> {
  const startMs = performance.now()
  let calmMs = startMs
  for (let calm = 0; calm < CALM_POLLS;) {
    if (performance.now() - startMs > SETTLE_MS_MAX) throw new Error('the replicas do not settle')
    const isSettled = await isCalm(replicas, channels)
    if (isSettled && calm === 0) calmMs = performance.now()
    calm = isSettled ? calm + 1 : 0
    await sleep(POLL_MS)
  }
  return calmMs - startMs
}

async function isCalm(replicas: readonly ServiceProcess[], channels: number): Promise<boolean> {
  const all = await Promise.all(replicas.map((replica) => replica.metrics()))
  const sum = (series: string): number =>
    all.reduce((total, metrics) => total + (metrics?.get(series) ?? 0), 0)
  return (
    sum('channels{state="receiving"}') === channels &&
    sum('slots{state="joining"}') + sum('slots{state="awaited"}') === 0 &&
    all.every((metrics) => metrics?.get('replicas') === replicas.length)
  )
}

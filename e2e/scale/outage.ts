import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceProcess } from './service-process.ts'
import { Stage } from './stage.ts'
import type { Comparison } from './stored-lines.ts'

const SAMPLE_MS = 500
const CATCH_UP_MS_MAX = 900_000
const MIB = 1024 * 1024
const BEFORE_MS = 5000

export interface OutageOptions {
  readonly seed: number
  readonly minutes: number
  readonly channels: number
  readonly messagesPerSecond: number
  readonly onProgress: (text: string) => void
}

export interface OutageReport extends Comparison {
  readonly sent: number
  readonly memoryMibBefore: number
  readonly memoryMibMost: number
  readonly spoolMibMost: number
  readonly catchUpSeconds: number
}

/**
 * Takes Redis away from a replica under load and brings it back: every line must be stored, in order, with bounded memory.
 * Lines go on coming while it catches up.
 */
export async function runOutage(options: OutageOptions): Promise<OutageReport> {
  const { minutes, onProgress } = options
  await using stage = await Stage.open({ ...options, joinsPer10s: 2000 })
  onProgress(`logs in ${stage.folder}`)
  await stage.startReplica('ingest-1')
  await stage.settled()
  stage.record()
  const replica = stage.replicas.get('ingest-1')
  if (replica === undefined) throw new Error('the replica has just been started')
  await sleep(BEFORE_MS)
  const memoryMibBefore = await replica.memoryMib()

  await stage.redis.kill()
  onProgress(`redis is away for ${minutes} minutes`)
  const endMs = performance.now() + minutes * 60_000
  const most = { memory: memoryMibBefore, spool: 0 }
  while (performance.now() < endMs) await sample(replica, most)
  const spoolMibMost = most.spool
  onProgress(`spool ${spoolMibMost.toFixed(0)} MiB, memory ${most.memory.toFixed(0)} MiB`)

  await stage.startRedis()
  const backMs = performance.now()
  while ((await sample(replica, most)) > 0) {
    if (performance.now() - backMs > CATCH_UP_MS_MAX) throw new Error('the spool is not emptied')
  }
  const catchUpSeconds = (performance.now() - backMs) / 1000
  onProgress(`caught up in ${catchUpSeconds.toFixed(1)} s`)
  const compared = await stage.compare()
  return {
    ...compared,
    memoryMibBefore,
    memoryMibMost: most.memory,
    spoolMibMost: most.spool,
    catchUpSeconds,
  }
}

/** Notes memory and spool, and returns what is in the spool, in MiB. */
async function sample(
  replica: ServiceProcess,
  most: { memory: number; spool: number },
): Promise<number> {
  await sleep(SAMPLE_MS)
  const spool = ((await replica.metric('spool_bytes')) ?? most.spool * MIB) / MIB
  most.memory = Math.max(most.memory, await replica.memoryMib())
  most.spool = Math.max(most.spool, spool)
  return spool
}

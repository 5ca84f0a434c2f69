import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceProcess } from '@poglog/e2e/service-process'
import { cpuMsOf } from '../ingest/program.ts'
import { archive, archivedBy } from './archive.ts'
import { sum } from './run.ts'
import type { Idle, Run } from './run.ts'
import { bucketsOf, bucketsSince, quantileOf } from './quantile.ts'
import type { Stage } from './stage.ts'

const POLL_MS = 50
/** After the last line was sent: a batch waits up to 50 ms, and a busy process answers late. */
const GRACE_MS = 500
const DRAIN_MS_MAX = 60_000
const IDLE_SECONDS = 3

export interface Load {
  readonly perSecond: number
  readonly seconds: number
  readonly storySeed: number
}

const APPENDS = 'append_seconds'
const DROPPED = /^lines_(dropped|rejected)_total\{/

type Metrics = ReadonlyMap<string, number>

/** Sends chat at an even pace, and waits until all of it has gone through Redis into segments. */
export async function measure(stage: Stage, { perSecond, seconds, storySeed }: Load): Promise<Run> {
  const { chat, replicas, redis } = stage
  const offered = perSecond * seconds
  const prepared = await chat.prepare({ storySeed, perSecond, lines: offered })
  const before = await ingestMetrics(replicas)
  const { sealed } = await archivedBy(stage)
  const cpuBefore = await cpuOf(stage)

  await chat.go()
  const { tookMs, undelivered } = await chat.sent()
  const records = prepared.records - undelivered
  const atEnd = await ingestMetrics(replicas)
  const memoryMib = { ingest: await ingestMib(replicas), redis: await redis.usedMib() }
  const endMs = performance.now()
  let now = atEnd
  let storedInTime = storedIn(now) - storedIn(before)
  while (storedIn(now) - storedIn(before) < records) {
    if (performance.now() - endMs > DRAIN_MS_MAX) break
    await sleep(POLL_MS)
    now = await ingestMetrics(replicas)
    if (performance.now() - endMs <= GRACE_MS) storedInTime = storedIn(now) - storedIn(before)
  }
  const cpuStored = await cpuOf(stage)
  await archive(stage, storedIn(now))
  const cpuArchived = await cpuOf(stage)

  const calls = bucketsSince(bucketsOf(APPENDS, before), bucketsOf(APPENDS, now))
  return {
    perSecond,
    lines: offered - undelivered,
    frames: prepared.frames,
    records,
    sendMs: tookMs,
    storedInTime,
    storedBy: now.map((metrics, at) => storedIn([metrics]) - storedIn(before.slice(at, at + 1))),
    dropped: droppedIn(now) - droppedIn(before),
    sealed: (await archivedBy(stage)).sealed - sealed,
    calls: calls.at(-1)?.count ?? 0,
    appendMs: { p50: quantileOf(calls, 0.5) * 1000, p99: quantileOf(calls, 0.99) * 1000 },
    coveredSeconds: Math.max(...atEnd.map((metrics) => metrics.get('covered_seconds') ?? NaN)),
    bufferBytes: sumOf(atEnd, 'buffer_bytes') + sumOf(atEnd, 'spool_bytes'),
    connections: sumOf(atEnd, 'connections'),
    memoryMib,
    cpuMs: {
      ingest: differences(cpuBefore.ingest, cpuStored.ingest),
      redis: differences(cpuBefore.redis, cpuStored.redis),
      redisArchiving: differences(cpuStored.redis, cpuArchived.redis),
      archiver: cpuArchived.archiver - cpuBefore.archiver,
      chat: cpuStored.chat - cpuBefore.chat,
    },
  }
}

/** What all that runs takes while nobody writes anything. */
export async function idleOf(stage: Stage): Promise<Idle> {
  const before = await cpuOf(stage)
  await sleep(IDLE_SECONDS * 1000)
  const after = await cpuOf(stage)
  return {
    ingest: sum(differences(before.ingest, after.ingest)) / IDLE_SECONDS,
    redis: sum(differences(before.redis, after.redis)) / IDLE_SECONDS,
    archiver: (after.archiver - before.archiver) / IDLE_SECONDS,
  }
}

/** Processor time so far, in ms. */
async function cpuOf({ replicas, redis, archiver, chat }: Stage) {
  return {
    ingest: await Promise.all(replicas.map(({ pid }) => cpuMsOf(pid))),
    redis: await Promise.all(redis.pids.map(cpuMsOf)),
    archiver: await cpuMsOf(archiver.pid),
    chat: await cpuMsOf(chat.pid),
  }
}

async function ingestMetrics(replicas: readonly ServiceProcess[]): Promise<readonly Metrics[]> {
  return await Promise.all(replicas.map(metricsOf))
}

async function metricsOf(process: ServiceProcess): Promise<Metrics> {
  const metrics = await process.metrics()
  if (metrics === undefined) throw new Error(`${process.name} does not answer`)
  return metrics
}

async function ingestMib(replicas: readonly ServiceProcess[]): Promise<number> {
  const all = await Promise.all(replicas.map((replica) => replica.memoryMib()))
  return sum(all)
}

const storedIn = (replicas: readonly Metrics[]): number => sumOf(replicas, 'lines_appended_total')

/** Lines that replicas say they could not keep, or could not read. */
const droppedIn = (replicas: readonly Metrics[]): number =>
  sum(
    replicas
      .flatMap((metrics) => [...metrics])
      .map(([series, count]) => (DROPPED.test(series) ? count : 0)),
  )

const sumOf = (replicas: readonly Metrics[], series: string): number =>
  sum(replicas.map((metrics) => metrics.get(series) ?? 0))

const differences = (before: readonly number[], after: readonly number[]): number[] =>
  after.map((value, at) => value - (before[at] ?? 0))

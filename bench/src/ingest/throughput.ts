import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedisServer } from '@poglog/hot-store/server'
import { Redis } from 'ioredis'
import { startChat } from './chat.ts'
import type { Lines } from './lines.ts'
import type { StartLogger } from './loggers.ts'
import { cpuMsOf, peakMibOf } from './program.ts'

/** The first lines of a run, before the clock starts: the code gets compiled. */
const WARM_UP_LINES = 15_000
const POLL_MS = 20
const RUN_MS_MAX = 120_000
/** As `npm start` runs it, but that no rewrite of its file falls into one run and not into another. */
export const REDIS = {
  appendfsync: 'everysec',
  config: { 'auto-aof-rewrite-percentage': '0' },
} as const

/** What storing took, by the clock and in processor time. */
export interface Run {
  readonly perSecond: number
  readonly loggerUs: number
  readonly redisUs: number
  readonly loggerPeakMib: number
}

export interface Logger {
  readonly start: StartLogger
  /** How many lines it is sent, warm-up and all. */
  readonly lines: number
  /** How many entries it makes of some lines. */
  readonly entriesOf: (texts: readonly string[], lines: Lines) => number
}

/** Sends lines as fast as they are taken, to a logger with a Redis of its own, until all are stored. */
export async function measureRun(logger: Logger, lines: Lines): Promise<Run> {
  await using opened = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'poglog-bench-'))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const redis = await startRedisServer({ dir: join(dir, 'redis'), ...REDIS })
  opened.defer(() => redis.stop())
  const chat = opened.use(await startChat(lines))
  const program = opened.use(await logger.start({ chatPort: chat.port, redis, lines, dir }))
  const meter = opened.adopt(new Redis({ path: redis.socketPath }), (client) => client.disconnect())

  const before = await entriesAdded(meter)
  const storedUpTo = async (to: number): Promise<number> => {
    const entries = logger.entriesOf(lines.texts.slice(0, to), lines)
    await untilAdded(meter, before + entries)
    return entries
  }
  const clocks = async (): Promise<readonly [number, number, number]> => [
    performance.now(),
    await cpuMsOf(program.pid),
    await cpuMsOf(redis.pid),
  ]
  await chat.go({ from: 0, to: WARM_UP_LINES })
  const warmEntries = await storedUpTo(WARM_UP_LINES)
  const start = await clocks()
  await chat.go({ from: WARM_UP_LINES, to: logger.lines })
  const entries = (await storedUpTo(logger.lines)) - warmEntries
  const end = await clocks()
  return {
    perSecond: (entries * 1000) / (end[0] - start[0]),
    loggerUs: ((end[1] - start[1]) * 1000) / entries,
    redisUs: ((end[2] - start[2]) * 1000) / entries,
    loggerPeakMib: await peakMibOf(program.pid),
  }
}

async function untilAdded(meter: Redis, entries: number): Promise<void> {
  const endMs = performance.now() + RUN_MS_MAX
  for (;;) {
    const added = await entriesAdded(meter)
    if (added >= entries) return
    if (performance.now() > endMs) throw new Error(`${added} of ${entries} entries were stored`)
    await sleep(POLL_MS)
  }
}

/** Every XADD, also one in a script. */
async function entriesAdded(meter: Redis): Promise<number> {
  const stats = await meter.info('commandstats')
  return Number(/^cmdstat_xadd:calls=(\d+)/m.exec(stats)?.[1] ?? 0)
}

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startRedisServer } from '@poglog/hot-store/server'
import type { Lines } from './lines.ts'
import { cpuMsOf } from './program.ts'
import { REDIS } from './throughput.ts'

const ENTRIES = 60_000
const RUN_MS_MAX = 120_000
/** Columns behind the rate: mean, least, and four percentiles of the latency. */
const RATE = /"([\d.]+)"(?:,"[\d.]+"){6}\s*$/

/** What `redis-benchmark` reaches with 50 connections. */
export interface RedisRun {
  readonly perSecond: number
  readonly redisUs: number
}

/**
 * Runs `redis-benchmark` with the entry of a message of mean size, into as many streams as there are channels.
 *
 * @param pipeline how many commands a connection sends at once: 1 waits for each answer.
 */
export async function runRedisBenchmark(
  { typical, channels }: Lines,
  pipeline: number,
): Promise<RedisRun> {
  await using opened = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'poglog-bench-'))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const redis = await startRedisServer({ dir: join(dir, 'redis'), ...REDIS })
  opened.defer(() => redis.stop())
  const entry = ['r', typical, 't', String(Date.now()), 'u', '91746188', 'k', 'PRIVMSG']
  const counts = ['-n', String(ENTRIES), '-r', String(channels.length), '-P', String(pipeline)]
  const command = ['XADD', 'hot:__rand_int__', '*', ...entry]
  const startMs = await cpuMsOf(redis.pid)
  const { stdout } = await promisify(execFile)(
    'redis-benchmark',
    ['-s', redis.socketPath, '--csv', ...counts, ...command],
    { timeout: RUN_MS_MAX },
  )
  const redisMs = (await cpuMsOf(redis.pid)) - startMs
  const perSecond = Number(RATE.exec(stdout)?.[1])
  if (!(perSecond > 0)) throw new Error(`redis-benchmark said: ${stdout.slice(-200)}`)
  return { perSecond, redisUs: (redisMs * 1000) / ENTRIES }
}

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedisServer } from '@poglog/hot-store/server'
import type { RedisServer } from '@poglog/hot-store/server'
import { startRedisCluster } from '@poglog/hot-store/testing'
import { SteppedClock } from './stepped-clock.ts'

/** The Redis of a run. It acknowledges only what is on disk, so a SIGKILL loses nothing that was acknowledged. */
export interface RedisUnit extends AsyncDisposable {
  readonly url: string
  readonly nodes: number
  /** SIGKILL of a node, and a start on the same data after `awayMs`. */
  restart(node: number, awayMs: number): Promise<void>
  /** SIGSTOP of a node for a while. */
  freeze(node: number, durationMs: number): Promise<void>
  /** From now on its clock differs from the real one by so much. */
  stepClock(offsetMs: number): Promise<void>
}

export async function startSingleRedis(folder: string): Promise<RedisUnit> {
  const dir = join(folder, 'redis')
  const clock = await SteppedClock.create(folder)
  const start = (): Promise<RedisServer> =>
    startRedisServer({ dir, appendfsync: 'always', env: clock.env })
  let server = await start()
  return {
    url: server.url,
    nodes: 1,
    async restart(_node, awayMs) {
      await server.kill()
      await sleep(awayMs)
      server = await start()
    },
    freeze: (_node, durationMs) => freeze(server, durationMs),
    stepClock: (offsetMs) => clock.step(offsetMs),
    async [Symbol.asyncDispose]() {
      await server.stop()
      await clock[Symbol.asyncDispose]()
    },
  }
}

/** Three primaries. While one is away, so is a part of the shards. */
export async function startClusteredRedis(folder: string): Promise<RedisUnit> {
  const dir = join(folder, 'redis')
  const cluster = await startRedisCluster({ dir, appendfsync: 'always' })
  return {
    url: cluster.url,
    nodes: cluster.nodes.length,
    restart: (node, awayMs) => cluster.restart(node, awayMs),
    async freeze(node, durationMs) {
      const server = cluster.nodes[node]
      if (server !== undefined) await freeze(server, durationMs)
    },
    stepClock: () =>
      Promise.reject(new Error('only a single server is started with another clock')),
    [Symbol.asyncDispose]: () => cluster.stop(),
  }
}

async function freeze({ pid }: RedisServer, durationMs: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await sleep(durationMs)
  process.kill(pid, 'SIGCONT')
}

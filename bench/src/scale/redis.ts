import { startRedisServer } from '@poglog/hot-store/server'
import type { RedisServer } from '@poglog/hot-store/server'
import { redisCall, startRedisCluster } from '@poglog/hot-store/testing'
import { REDIS } from '../ingest/throughput.ts'

const MIB = 1024 * 1024

/** A Redis, or a cluster of some. */
export interface RedisUnit extends AsyncDisposable {
  readonly url: string
  readonly pids: readonly number[]
  /** Memory that all nodes use, by what Redis says. */
  usedMib(): Promise<number>
}

/** @param primaries of a cluster; `undefined` for a single server, on a unix socket. */
export async function startRedis(dir: string, primaries: number | undefined): Promise<RedisUnit> {
  if (primaries === undefined) {
    const server = await startRedisServer({ dir, ...REDIS })
    return unitOf(server.url, [server], () => server.stop())
  }
  const cluster = await startRedisCluster({ dir, nodes: primaries, ...REDIS })
  return unitOf(cluster.url, cluster.nodes, () => cluster.stop())
}

function unitOf(
  url: string,
  servers: readonly RedisServer[],
  stop: () => Promise<void>,
): RedisUnit {
  return {
    url,
    pids: servers.map(({ pid }) => pid),
    async usedMib() {
      const infos = servers.map(({ socketPath }) => redisCall(socketPath, 'INFO', 'memory'))
      const used = (await Promise.all(infos)).map((info) =>
        Number(/^used_memory:(\d+)/m.exec(info)?.[1]),
      )
      return used.reduce((sum, bytes) => sum + bytes, 0) / MIB
    },
    [Symbol.asyncDispose]: stop,
  }
}

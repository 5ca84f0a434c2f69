import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedisServer } from '@poglog/hot-store/server'
import type { RedisServer } from '@poglog/hot-store/server'

/** The Redis of a run. It acknowledges only what is on disk, so a SIGKILL loses nothing that was acknowledged. */
export interface RedisUnit extends AsyncDisposable {
  readonly url: string
  readonly nodes: number
  readonly isUp: boolean
  /** SIGKILL of a node, and a start on the same data after `awayMs`. */
  restart(node: number, awayMs: number): Promise<void>
  /** SIGSTOP of a node for a while. */
  freeze(node: number, durationMs: number): Promise<void>
}

export async function startSingleRedis(folder: string): Promise<RedisUnit> {
  const dir = join(folder, 'redis')
  const start = (): Promise<RedisServer> => startRedisServer({ dir, appendfsync: 'always' })
  let server = await start()
  let isUp = true
  return {
    url: server.url,
    nodes: 1,
    get isUp() {
      return isUp
    },
    async restart(_node, awayMs) {
      isUp = false
      await server.kill()
      await sleep(awayMs)
      server = await start()
      isUp = true
    },
    async freeze(_node, durationMs) {
      const { pid } = server
      process.kill(pid, 'SIGSTOP')
      await sleep(durationMs)
      process.kill(pid, 'SIGCONT')
    },
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

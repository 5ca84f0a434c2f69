import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import getPort from 'get-port'
import { ask } from '../server/probe.ts'
import { type RedisServer, startRedisServer } from '../server/start.ts'

const READY_TIMEOUT_MS = 20_000
const POLL_MS = 50

export interface RedisSentinel {
  /** What `openHotStore` takes: `redis-sentinel://...`. */
  readonly url: string
  readonly primary: RedisServer
  readonly replica: RedisServer
  /** Starts the primary again on its data, after a {@link RedisServer.kill}, as a replica of the one that took its place. */
  rejoin(): Promise<void>
  stop(): Promise<void>
}

/** Starts a primary, a replica that has its data, and one Sentinel, whose vote alone decides, and which knows both. */
export async function startRedisSentinel({ dir }: { dir: string }): Promise<RedisSentinel> {
  const [port, replicaPort, sentinelPort] = await Promise.all([
    getPort({ host: '127.0.0.1' }),
    getPort({ host: '127.0.0.1' }),
    getPort({ host: '127.0.0.1' }),
  ])
  const servers = new AsyncDisposableStack()
  const start = async (name: string, ownPort: number, of?: number): Promise<RedisServer> => {
    const replicaOf = of === undefined ? undefined : { replicaof: `127.0.0.1 ${of}` }
    const config = { 'repl-diskless-sync-delay': '0', ...replicaOf }
    const server = await startRedisServer({ dir: join(dir, name), port: ownPort, config })
    return servers.adopt(server, (one) => one.kill())
  }
  try {
    const primary = await start('a', port)
    const replica = await start('b', replicaPort, port)
    await untilAnswer({ port, command: 'WAIT 1 50', wanted: ':1' })
    const folder = join(dir, 'sentinel')
    servers.defer(await startSentinel(folder, { port, sentinelPort }))
    await untilAnswer({
      port: sentinelPort,
      command: 'SENTINEL REPLICAS mymaster',
      wanted: '*1',
    })
    return {
      url: `redis-sentinel://127.0.0.1:${sentinelPort}/mymaster`,
      primary,
      replica,
      rejoin: async () => void (await start('a', port, replicaPort)),
      stop: () => servers.disposeAsync(),
    }
  } catch (error) {
    await servers.disposeAsync()
    throw error
  }
}

/** It learns of the replica from the primary. @returns what ends it. */
async function startSentinel(
  dir: string,
  ports: { readonly port: number; readonly sentinelPort: number },
): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true })
  const path = join(dir, 'sentinel.conf')
  const lines = [
    `port ${ports.sentinelPort}`,
    'bind 127.0.0.1',
    `dir ${dir}`,
    `sentinel monitor mymaster 127.0.0.1 ${ports.port} 1`,
    'sentinel down-after-milliseconds mymaster 1000',
    'sentinel failover-timeout mymaster 3000',
  ]
  await writeFile(path, lines.join('\n'))
  const child: ChildProcess = spawn('redis-server', [path, '--sentinel'], { stdio: 'ignore' })
  await once(child, 'spawn')
  return async () => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}

async function untilAnswer(question: {
  readonly port: number
  readonly command: string
  readonly wanted: string
}): Promise<void> {
  const { port, command, wanted } = question
  const deadlineMs = performance.now() + READY_TIMEOUT_MS
  while ((await ask({ port, host: '127.0.0.1' }, command)) !== wanted) {
    if (performance.now() > deadlineMs) throw new Error(`${command} never said ${wanted}`)
    await sleep(POLL_MS)
  }
}

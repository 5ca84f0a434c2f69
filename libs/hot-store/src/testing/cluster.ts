import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../server/probe.ts'
import { type RedisServer, startRedisServer } from '../server/start.ts'

const NODES = 3
const SLOTS = 16_384
const READY_TIMEOUT_MS = 30_000

export interface RedisCluster {
  /** What `openHotStore` takes: `redis-cluster://...`. */
  readonly url: string
  readonly nodes: readonly RedisServer[]
  stop(): Promise<void>
}

/** Starts three primaries on loopback and waits until every one of them sees all slots served. */
export async function startRedisCluster({ dir }: { dir: string }): Promise<RedisCluster> {
  const nodes: { port: number; busPort: number; server: RedisServer }[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map(({ server }) => server.stop()))
  }
  try {
    for (let index = 0; index < NODES; index += 1) {
      const [port, busPort] = await Promise.all([freePort(), freePort()])
      const config = {
        'cluster-enabled': 'yes',
        'cluster-port': String(busPort),
        'cluster-node-timeout': '2000',
      }
      const server = await startRedisServer({
        dir: join(dir, `node-${index}`),
        port,
        appendfsync: 'everysec',
        config,
      })
      nodes.push({ port, busPort, server })
    }
    for (const [index, { port }] of nodes.entries()) {
      const [from, to] = [slotEdge(index), slotEdge(index + 1) - 1]
      await must(port, `CLUSTER ADDSLOTSRANGE ${from} ${to}`)
      await must(port, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`)
    }
    const [first, ...others] = nodes
    for (const { port, busPort } of others) {
      await must(first?.port ?? 0, `CLUSTER MEET 127.0.0.1 ${port} ${busPort}`)
    }
    for (const { port } of nodes) await untilAllSlots(port)
  } catch (error) {
    await stop()
    throw error
  }
  const url = `redis-cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
  return { url, nodes: nodes.map(({ server }) => server), stop }
}

const slotEdge = (index: number): number => Math.floor((SLOTS * index) / NODES)

async function must(port: number, command: string): Promise<void> {
  const answer = await ask({ port, host: '127.0.0.1' }, command)
  if (answer !== '+OK') throw new Error(`${command}: ${answer}`)
}

/** The node answers for a key of any slot: itself, or by naming who does. */
async function untilAllSlots(port: number): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS
  while (performance.now() < deadlineMs) {
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ask({ port, host: '127.0.0.1' }, `GET ${key}`)),
    )
    if (
      answers.every(
        (answer) => answer?.startsWith('$') === true || answer?.startsWith('-MOVED') === true,
      )
    )
      return
    await sleep(50)
  }
  throw new Error(`the cluster was not ready within ${READY_TIMEOUT_MS} ms`)
}

async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer()
  server.on('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
  })
  return await promise
}

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import getPort from 'get-port'
import { ask } from '../server/probe.ts'
import { type RedisServer, startRedisServer } from '../server/start.ts'

const NODES = 3
const SLOTS = 16_384
const READY_TIMEOUT_MS = 30_000

export interface RedisCluster {
  /** What `openHotStore` takes: `redis-cluster://...`. */
  readonly url: string
  readonly nodes: readonly RedisServer[]
  /** SIGKILL of a node, and a start on the same data after `awayMs`. */
  restart(node: number, awayMs: number): Promise<void>
  stop(): Promise<void>
}

export interface RedisClusterOptions {
  readonly dir: string
  /** How many primaries; default 3. */
  readonly nodes?: number | undefined
  /** Default `everysec`: what was acknowledged within the last two seconds may be gone after a {@link RedisCluster.restart}. */
  readonly appendfsync?: 'always' | 'everysec' | undefined
  /** Further settings of redis.conf of every node. */
  readonly config?: Readonly<Record<string, string>> | undefined
}

interface Node {
  readonly port: number
  readonly busPort: number
  readonly start: () => Promise<RedisServer>
  server: RedisServer
}

/** Starts primaries on loopback and waits until every one of them sees all slots served. */
export async function startRedisCluster(options: RedisClusterOptions): Promise<RedisCluster> {
  const { nodes: count = NODES } = options
  const edgeOf = (index: number): number => Math.floor((SLOTS * index) / count)
  const nodes: Node[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map(({ server }) => server.stop()))
  }
  try {
    for (let index = 0; index < count; index += 1) {
      nodes.push(await startNode(index, options))
    }
    for (const [index, { port }] of nodes.entries()) {
      const [from, to] = [edgeOf(index), edgeOf(index + 1) - 1]
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
  return {
    url,
    get nodes() {
      return nodes.map(({ server }) => server)
    },
    async restart(index, awayMs) {
      const node = nodes[index]
      if (node === undefined) throw new Error(`there is no node ${index}`)
      await node.server.kill()
      await sleep(awayMs)
      node.server = await node.start()
    },
    stop,
  }
}

async function startNode(
  index: number,
  { dir, appendfsync = 'everysec', config: further }: RedisClusterOptions,
): Promise<Node> {
  const [port, busPort] = await Promise.all([
    getPort({ host: '127.0.0.1' }),
    getPort({ host: '127.0.0.1' }),
  ])
  const config = {
    'cluster-enabled': 'yes',
    'cluster-port': String(busPort),
    // One alone is never told its address by others, and clients skip a node without one.
    'cluster-announce-ip': '127.0.0.1',
    'cluster-node-timeout': '2000',
    ...further,
  }
  const start = async (): Promise<RedisServer> =>
    await startRedisServer({ dir: join(dir, `node-${index}`), port, appendfsync, config })
  return { port, busPort, start, server: await start() }
}

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

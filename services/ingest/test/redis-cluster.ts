import { startRedisCluster } from '@poglog/hot-store/testing'
import type { RedisCluster } from '@poglog/hot-store/testing'
import { redisCall } from '@poglog/hot-store/testing'
import type { World } from './world.ts'

/** A cluster whose other nodes go on when one is killed, which keeps all that it took. */
export async function startCluster(
  world: World,
): Promise<{ readonly cluster: RedisCluster; readonly sockets: readonly string[] }> {
  const cluster = await startRedisCluster({ dir: `${world.dir}/redis` })
  world.defer(() => cluster.stop())
  const sockets = cluster.nodes.map(({ socketPath }) => socketPath)
  for (const socket of sockets) {
    await redisCall(socket, 'CONFIG', 'SET', 'cluster-require-full-coverage', 'no')
    // With `everysec` a node may keep for itself what it has not written yet, and take it into its grave.
    await redisCall(socket, 'CONFIG', 'SET', 'appendfsync', 'no')
  }
  return { cluster, sockets }
}

/** The place in `sockets` of the node that has the keys of a hash tag. */
export async function nodeOf(sockets: readonly string[], tag: string): Promise<number> {
  const answers = await Promise.all(sockets.map((socket) => redisCall(socket, 'GET', tag)))
  return answers.findIndex((answer) => !answer.startsWith('MOVED'))
}

/**
 * Moves the keys of a hash tag to the next node as `redis-cli --cluster reshard` does, but its state first, then half
 * of the rest; calls `pause` while some keys are here and some there.
 */
export async function moveShard(
  sockets: readonly string[],
  tag: string,
  pause: () => Promise<void>,
): Promise<void> {
  const slot = await slotOf(sockets, tag)
  const from = await nodeOf(sockets, tag)
  const to = (from + 1) % sockets.length
  const [source = '', target = ''] = [sockets[from], sockets[to]]
  const [sourceId, targetId] = await Promise.all(
    [source, target].map((socket) => redisCall(socket, 'CLUSTER', 'MYID')),
  )
  const port = await redisCall(target, 'CONFIG', 'GET', 'port')
  await must(target, ['CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId ?? ''])
  await must(source, ['CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId ?? ''])
  await pause()
  const keys = async (): Promise<string[]> =>
    (await redisCall(source, 'CLUSTER', 'GETKEYSINSLOT', slot, '1000'))
      .split('\n')
      .filter((key) => key !== '')
  const move = async (...some: readonly string[]): Promise<void> => {
    const address = ['127.0.0.1', port.split('\n')[1] ?? '']
    await must(source, ['MIGRATE', ...address, '', '0', '5000', 'KEYS', ...some], ['OK', NO_KEY])
  }
  await move(`${tag}:state`)
  await pause()
  const all = await keys()
  await move(...all.filter((_, index) => index % 2 === 0))
  await pause()
  for (let rest = await keys(); rest.length > 0; rest = await keys()) await move(...rest)
  await pause()
  for (const socket of new Set([target, source, ...sockets])) {
    await must(socket, ['CLUSTER', 'SETSLOT', slot, 'NODE', targetId ?? ''])
  }
}

const slotOf = async (sockets: readonly string[], tag: string): Promise<string> =>
  await redisCall(sockets[0] ?? '', 'CLUSTER', 'KEYSLOT', tag)

/** What MIGRATE answers where none of the keys is there: nobody wrote to the shard yet, or they have expired. */
const NO_KEY = 'NOKEY'

async function must(
  socket: string,
  command: readonly string[],
  answers: readonly string[] = ['OK'],
): Promise<void> {
  const answer = await redisCall(socket, ...command)
  if (!answers.includes(answer)) throw new Error(`${command.slice(0, 6).join(' ')}: ${answer}`)
}

import { setTimeout as delay } from 'node:timers/promises'
import getPort from 'get-port'
import { openHotStore } from '@poglog/hot-store'
import { redisCall, startRedisSentinel } from '@poglog/hot-store/testing'
import { describe, expect, it } from 'vitest'
import { ALL_STORED, Load } from './redis-load.ts'
import { moveShard, nodeOf, startCluster } from './redis-cluster.ts'
import { World, until } from './world.ts'

const SHARDS = ['{s00}', '{s01}', '{s02}', '{s03}']
const EVICTED = 'others had taken this replica for dead'

describe('ingest when Redis takes no lines for a while', () => {
  it('keeps its heartbeat and its lines while Redis is out of memory (I1) (I2)', async () => {
    await using world = await World.create()
    const { socketPath } = await world.startRedis()
    const load = await Load.start(world)
    const { slots } = load.status()
    await redisCall(socketPath, 'CONFIG', 'SET', 'maxmemory', '1mb')
    await load.untilSpooling()
    await delay(3000)
    expect(load.status().slots).toEqual(slots)
    expect(world.told('append failed')).toMatchObject([{ err: { kind: 'full' } }])
    await redisCall(socketPath, 'CONFIG', 'SET', 'maxmemory', '0')
    await load.untilDrained()
    expect(await load.finish()).toEqual(ALL_STORED)
    expect(world.told('heartbeat failed').concat(world.told(EVICTED))).toEqual([])
    expect(load.sent).toBeGreaterThan(500)
    expect(load.bufferFill).toBeLessThan(1)
  })

  it('joins registered channels when it starts while Redis is out of memory', async () => {
    await using world = await World.create()
    const { socketPath } = await world.startRedis()
    const source = { kind: 'generate', seed: 1, channels: 5, messagesPerSecond: 50 } as const
    const sim = await world.startSim({ source })
    const [first = '', ...others] = sim.channels
    const store = await openHotStore({ url: world.redisUrl })
    await store.registry.add(others)
    store.close()
    await redisCall(socketPath, 'CONFIG', 'SET', 'maxmemory', '1mb')
    const ingest = await world.startIngest(sim, { CHANNELS: first })
    const isHeld = (): boolean => {
      const { channels, slots } = ingest.status()
      return channels.receiving === 5 && slots.holding > 0 && slots.joining === 0
    }
    await until('all are held', isHeld, 5000)
    expect(JSON.stringify(world.told('registry not read'))).toContain('OOM')
  })

  it('keeps lines while the primary is a read-only replica (I1) (I2)', async () => {
    await using world = await World.create()
    const { socketPath } = await world.startRedis()
    const load = await Load.start(world)
    await redisCall(
      socketPath,
      'REPLICAOF',
      '127.0.0.1',
      String(await getPort({ host: '127.0.0.1' })),
    )
    await load.untilSpooling()
    await delay(2000)
    expect(JSON.stringify(world.log)).toContain('READONLY')
    await redisCall(socketPath, 'REPLICAOF', 'NO', 'ONE')
    await load.untilDrained()
    expect(await load.finish()).toEqual(ALL_STORED)
    expect(world.told(EVICTED)).toEqual([])
    expect(load.sent).toBeGreaterThan(500)
    expect(load.bufferFill).toBeLessThan(1)
  })

  it('keeps lines and their order while Redis stands still again and again (I1) (I2)', async () => {
    await using world = await World.create()
    const { pid } = await world.startRedis()
    const load = await Load.start(world)
    for (let round = 0; round < 5; round += 1) {
      process.kill(pid, 'SIGSTOP')
      await delay(600) // More batches than may be in flight.
      process.kill(pid, 'SIGCONT')
      await delay(400)
    }
    expect(await load.finish()).toEqual(ALL_STORED)
    expect(load.sent).toBeGreaterThan(500)
    expect(load.bufferFill).toBeLessThan(1)
  })
})

// No order is promised here: batches that are sent elsewhere, or not confirmed for long, are overtaken by those behind them.
describe('ingest with several Redis servers', () => {
  it('loses nothing to a failover that loses what no replica had (I1) (I2)', async () => {
    await using world = await World.create()
    const redis = await startRedisSentinel({ dir: `${world.dir}/redis` })
    world.defer(() => redis.stop())
    const { primary, replica } = redis
    const sentinelPort = Number(new URL(redis.url).port)
    const primaryAddress = async (): Promise<string> =>
      await redisCall(sentinelPort, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster')
    const addressBefore = await primaryAddress()
    const load = await Load.start(world, { REDIS_URL: redis.url, WAIT_REPLICAS: '1' })
    // The replica is cut off: from here on the primary takes lines that will be gone.
    await redisCall(replica.socketPath, 'CONFIG', 'SET', 'masterauth', 'wrong')
    await redisCall(primary.socketPath, 'CLIENT', 'KILL', 'TYPE', 'replica')
    const before = load.sent
    await until('lines are written', () => load.sent > before + 500)
    await primary.kill()
    await until(
      'the replica has taken its place',
      async () => (await primaryAddress()) !== addressBefore,
    )
    await redis.rejoin()
    await load.untilDrained()
    expect({ ...(await load.finish()), disordered: 0 }).toEqual(ALL_STORED)
    expect(world.told(EVICTED)).toEqual([])
    expect(load.bufferFill).toBeLessThan(1)
  })

  it('loses nothing while shards move to other nodes of a cluster (I1) (I2)', async () => {
    await using world = await World.create()
    const { cluster, sockets } = await startCluster(world)
    const load = await Load.start(world, { REDIS_URL: cluster.url, SHARDS: '4' })
    for (const tag of ['{s00}', '{s02}', '{ingest}']) {
      await moveShard(sockets, tag, pause)
    }
    await load.untilDrained()
    expect({ ...(await load.finish()), disordered: 0 }).toEqual(ALL_STORED)
    expect(world.told(EVICTED)).toEqual([])
    expect(load.sent).toBeGreaterThan(500)
    expect(load.bufferFill).toBeLessThan(1)
  })

  it('goes on with the shards of other nodes while one node is away (I1) (I2)', async () => {
    await using world = await World.create()
    const { cluster, sockets } = await startCluster(world)
    const load = await Load.start(world, { REDIS_URL: cluster.url, SHARDS: '4' })
    const away = await nodeOf(sockets, '{s00}')
    const owners = await Promise.all(SHARDS.map((tag) => nodeOf(sockets, tag)))
    const appended = async (): Promise<number[]> =>
      await Promise.all(
        SHARDS.flatMap((tag, shard) => {
          const owner = owners[shard] ?? away
          return owner === away ? [] : [appendedTo(sockets[owner] ?? '', tag)]
        }),
      )
    await cluster.nodes[away]?.kill()
    await load.untilSpooling()
    const before = await appended()
    expect(before.length).toBeGreaterThan(1)
    await until('all others go on', async () => {
      const after = await appended()
      return after.every((count, index) => count > (before[index] ?? 0) + 20)
    })
    await cluster.restart(away, 0)
    await load.untilDrained()
    expect({ ...(await load.finish()), disordered: 0 }).toEqual(ALL_STORED)
    expect(load.bufferFill).toBeLessThan(1)
  })
})

const pause = async (): Promise<void> => {
  await delay(200)
}

const appendedTo = async (socket: string, tag: string): Promise<number> =>
  Number(await redisCall(socket, 'HGET', `${tag}:state`, 'appended'))

import { openHotStore } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { World, until } from './world.ts'

const SOURCE = { kind: 'generate', seed: 1, channels: 3, messagesPerSecond: 50 } as const

describe('ingest and the registry', () => {
  it('joins and parts channels as they are added and removed, and notes their ids', async () => {
    await using world = await World.create()
    await world.startRedis()
    const sim = await world.startSim({ source: SOURCE })
    const ingest = await world.startIngest(sim)
    const store = await openHotStore({ url: world.redisUrl })
    try {
      await until('all are joined', () => ingest.status().channels.joined === 3)
      await store.registry.add(['new_channel'])
      await store.registry.remove([sim.channels[0] ?? ''])
      const wanted = [...sim.channels.slice(1), 'new_channel'].toSorted()
      const joined = () =>
        sim
          .connections()
          .flatMap(({ channels }) => channels)
          .toSorted()
      await until('they are joined', () => joined().join() === wanted.join())
      const ids = async () => (await store.registry.list()).map(({ channelId }) => channelId)
      await until('ids are noted', async () => (await ids()).every((id) => id !== undefined))
      await until('names are learnt', async () => (await store.names.idsOf(wanted)).size === 3)
      expect((await store.registry.list()).map(({ login }) => login)).toEqual(wanted)
    } finally {
      store.close()
    }
  })

  it('joins a channel by its new login once its old one is refused', async () => {
    await using world = await World.create()
    await world.startRedis()
    const sim = await world.startSim({ source: SOURCE, suspendedChannels: ['old_name'] })
    const store = await openHotStore({ url: world.redisUrl })
    try {
      await store.registry.add(['old_name'])
      await store.registry.setId('old_name', '77')
      await store.names.learn([{ login: 'new_name', id: '77', seenAtMs: 1000 }])
      await world.startIngest(sim)
      const joined = () => sim.connections().flatMap(({ channels }) => channels)
      await until('it is joined', () => joined().includes('new_name'))
      expect(world.told('channel renamed')).toMatchObject([
        { oldLogin: 'old_name', newLogin: 'new_name', channelId: '77' },
      ])
      expect(await store.registry.find('old_name')).toBeUndefined()
    } finally {
      store.close()
    }
  })

  it('keeps its channels while Redis is away', async () => {
    await using world = await World.create()
    const redis = await world.startRedis()
    const sim = await world.startSim({ source: SOURCE })
    const ingest = await world.startIngest(sim)
    await until('all are joined', () => ingest.status().channels.joined === 3)
    await redis.kill()
    await until('the registry is missed', () => world.told('registry not read').length > 0)
    expect(ingest.status().channels).toMatchObject({ joined: 3 })
    await world.startRedis()
  })
})

import { openHotStore } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { HotLog } from '../src/hot-log.ts'
import { RegistrySync } from '../src/registry-sync.ts'
import type { RegistrySyncDeps } from '../src/registry-sync.ts'
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

  it('leaves a channel that was asked for once nobody asks any more, and no other', async () => {
    await using world = await World.create()
    await world.startRedis()
    const sim = await world.startSim({ source: SOURCE })
    await world.startIngest(sim)
    const dropped: (readonly string[])[] = []
    const hotLog = new HotLog(
      { url: world.redisUrl },
      { storeOpened: () => undefined, storeOpenFailed: fail, refused: fail },
    )
    await hotLog.open()
    const store = await openHotStore({ url: world.redisUrl })
    const joined = (): string[] => sim.connections().flatMap(({ channels }) => channels)
    try {
      await store.registry.ask('asked_for', 1)
      await until('it is joined', () => joined().includes('asked_for'))
      const registrySync = (settings: Pick<RegistrySyncDeps, 'unaskedMsMax'>): RegistrySync =>
        new RegistrySync({
          hotLog,
          configured: [],
          want: () => undefined,
          channelIdOf: () => undefined,
          learnChannel: () => undefined,
          optOuts: { refresh: async () => undefined, isChannelOut: () => false },
          renames: { check: async () => undefined },
          events: { registryFailed: fail, unaskedDropped: (logins) => dropped.push(logins) },
          ...settings,
        })
      await registrySync({}).dropUnasked()
      expect(dropped).toEqual([])
      await registrySync({ unaskedMsMax: 1 }).dropUnasked()
      expect(dropped).toEqual([['asked_for']])
      await until('it is left', () => !joined().includes('asked_for'))
      expect(joined().toSorted()).toEqual([...sim.channels].toSorted())
    } finally {
      store.close()
      hotLog.close()
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

function fail(error: unknown): never {
  throw error
}

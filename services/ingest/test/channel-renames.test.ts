import { openHotStore } from '@poglog/hot-store'
import type { HotStore } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import type { RedisServer } from '@poglog/hot-store/server'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ChannelRenames } from '../src/channel-renames.ts'

describe('ChannelRenames', () => {
  let dir: string
  let redis: RedisServer
  let store: HotStore
  let nowMs: number
  let told: string[]
  let unconfirmed: Set<string>
  let renames: ChannelRenames
  let number = 0
  /** Names and ids of this test alone: the server is shared. */
  let ids: { old: string; new: string; other: string; id: string; otherId: string }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'poglog-renames-'))
    redis = await startRedisServer({ dir })
    store = await openHotStore({ url: redis.url })
  })
  afterAll(async () => {
    store.close()
    await redis.stop()
    await rm(dir, { recursive: true })
  })
  beforeEach(async () => {
    number += 1
    const id = String(1000 + number)
    ids = {
      old: `old${number}`,
      new: `new${number}`,
      other: `other${number}`,
      id,
      otherId: `9${id}`,
    }
    await store.registry.remove((await store.registry.list()).map(({ login }) => login))
    await store.registry.add([ids.old, ids.other])
    await store.registry.setId(ids.old, ids.id)
    await store.registry.setId(ids.other, ids.otherId)
    await store.names.learn([
      { login: ids.old, id: ids.id, seenAtMs: 1000 },
      { login: ids.other, id: ids.otherId, seenAtMs: 1000 },
    ])
    nowMs = 0
    told = []
    unconfirmed = new Set([ids.old])
    renames = new ChannelRenames({
      isUnconfirmed: (login) => unconfirmed.has(login),
      events: {
        channelRenamed: ({ oldLogin, newLogin, channelId }) =>
          told.push(`${oldLogin} ${newLogin} ${channelId}`),
      },
      nowMs: () => nowMs,
    })
  })

  const check = async (): Promise<void> => renames.check(await store.registry.list(), store)
  const registered = async () =>
    (await store.registry.list()).map(({ login, channelId }) => `${login} ${channelId}`)
  const rename = () => store.names.learn([{ login: ids.new, id: ids.id, seenAtMs: 2000 }])

  it('logs a channel by the login its id has now', async () => {
    await rename()
    await check()
    expect(told).toEqual([`${ids.old} ${ids.new} ${ids.id}`])
    expect(await registered()).toEqual([`${ids.new} ${ids.id}`, `${ids.other} ${ids.otherId}`])
  })

  it('leaves a channel alone that is joined, whatever the names say', async () => {
    await rename()
    unconfirmed.clear()
    await check()
    expect(told).toEqual([])
    expect((await registered()).length).toBe(2)
  })

  it('leaves a channel alone that is gone without a new login', async () => {
    await check()
    expect(told).toEqual([])
    expect((await registered()).length).toBe(2)
  })

  it('looks a channel up once in ten minutes', async () => {
    await check()
    await rename()
    nowMs = 599_999
    await check()
    expect(told).toEqual([])
    nowMs = 600_000
    await check()
    expect(told.length).toBe(1)
  })

  it('knows a channel that the settings brought back without its id', async () => {
    await rename()
    await store.registry.remove([ids.old])
    await store.registry.add([ids.old, ids.new])
    await check()
    expect(told.length).toBe(1)
    expect(await registered()).toEqual([`${ids.new} ${ids.id}`, `${ids.other} ${ids.otherId}`])
  })

  it('ends what a crash left half done', async () => {
    await rename()
    await store.registry.add([ids.new])
    await check()
    expect(await registered()).toEqual([`${ids.new} ${ids.id}`, `${ids.other} ${ids.otherId}`])
  })
})

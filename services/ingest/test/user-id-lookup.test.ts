import type { AppendLine } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { HotLog } from '../src/hot-log.ts'
import { UserIdLookup } from '../src/user-id-lookup.ts'
import { World, until } from './world.ts'

const line = (key: string): AppendLine => ({
  channelId: '1',
  key,
  raw: `line ${key}`,
  sentAtMs: 1,
  userId: '',
  type: 'CLEARMSG',
})

const nothing = (): void => undefined

describe('UserIdLookup', () => {
  it('tells until when it has offered on what it took, and with which ids (I1)', async () => {
    await using world = await World.create()
    await world.startRedis()
    const events = { storeOpened: nothing, storeOpenFailed: nothing, refused: nothing }
    const hotLog = new HotLog({ url: world.redisUrl, shards: 1 }, events)
    await hotLog.open()
    await hotLog.store?.names.learn([{ login: 'ann', id: '7', seenAtMs: 1 }])
    const offered: string[] = []
    const lookup = new UserIdLookup(hotLog, ({ key, userId }) => offered.push(`${key} ${userId}`))
    const isCurrent = (): boolean => performance.now() - lookup.offeredUntilMs() < 5
    expect(isCurrent()).toBe(true)

    const beforeMs = performance.now()
    lookup.offer(line('a'), 'ann')
    lookup.offer(line('b'), 'nobody')
    const afterMs = performance.now()
    while (offered.length === 0) {
      expect(lookup.offeredUntilMs()).toBeGreaterThanOrEqual(beforeMs)
      expect(lookup.offeredUntilMs()).toBeLessThanOrEqual(afterMs)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
    expect(offered).toEqual(['a 7', 'b '])
    await until('nothing waits', isCurrent)
    hotLog.close()
  })
})

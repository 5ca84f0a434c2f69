import { afterEach, describe, expect, it } from 'vitest'
import { openHotStore } from '../src/index.ts'
import { appendLine, startRedisSentinel } from '../src/testing.ts'
import { entriesOf, testDir } from './setup.ts'

const stack: (() => PromiseLike<unknown> | void)[] = []

afterEach(async () => {
  for (const cleanUp of stack.splice(0).toReversed()) await cleanUp()
})

describe('a failover by Sentinel', () => {
  it('loses no append that a replica had confirmed, and the store follows (I1)', async () => {
    const dir = await testDir()
    stack.push(() => dir[Symbol.asyncDispose]())
    const redis = await startRedisSentinel({ dir: dir.path })
    stack.push(() => redis.stop())
    const { primary, url } = redis
    const careful = await openHotStore({ url, waitReplicas: 1, commandTimeoutMs: 2000 })
    stack.push(() => careful.close())
    const lines = Array.from({ length: 300 }, (_, n) =>
      appendLine({ channelId: '1', text: `t${n}` }),
    )
    expect(await careful.append(0, lines)).toEqual({ appended: 300, duplicates: 0 })
    const frozen = await careful.freeze(0, (await careful.state(0)).nowMs)

    const hot = await openHotStore({ url, commandTimeoutMs: 2000 })
    stack.push(() => hot.close())
    await primary.kill()
    await expect(hot.append(0, lines.slice(0, 1))).rejects.toMatchObject({ kind: 'unavailable' })
    const again = lines.concat(appendLine({ channelId: '1', text: 'after' }))
    const append = (): Promise<unknown> => hot.append(0, again).catch(() => undefined)
    await expect
      .poll(append, { timeout: 40_000, interval: 200 })
      .toEqual({ appended: 1, duplicates: 300 })
    expect(await entriesOf(hot, { shard: 0, channelId: '1' })).toHaveLength(301)
    expect(await hot.check(frozen)).toBe(true)
  })
})

import type { Cluster, Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import type { HotStore } from '../src/index.ts'
import { appendLine } from '../src/testing.ts'
import { entriesOf, freshPlace, seal, segmentOf } from './setup.ts'

/** What reading does on any Redis. */
export function readTests(
  stores: () => { readonly hot: HotStore; readonly other: HotStore; readonly raw: Redis | Cluster },
): void {
  describe('reading', () => {
    it('starts with an unused shard: everything is hot, the first segment is number 1', async () => {
      const { hot } = stores()
      const { shard } = freshPlace()
      expect(await hot.state(shard)).toMatchObject({
        shard,
        boundaryMs: 0,
        floorMs: 0,
        trimmedMs: 0,
        next: 1,
        epoch: 0,
        generation: 0,
        hotRecords: 0,
      })
      expect(await hot.manifest(shard)).toEqual([])
      expect(await hot.firstArrival(shard)).toBeUndefined()
      expect(await Array.fromAsync(hot.channels(shard))).toEqual([])
    })

    it('pages from the snapshot to the end without hole or double', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(
        shard,
        Array.from({ length: 25 }, (_, n) => appendLine({ channelId, text: `t${n}` })),
      )
      let { page } = await hot.snapshot({ shard, channelId, maxEntries: 4 })
      const seen = [...page.entries]
      while (page.nextId !== undefined) {
        const next = await hot.readPage({ shard, channelId, afterId: page.nextId, maxEntries: 4 })
        if (next === 'retry') throw new Error('nothing was trimmed')
        page = next
        seen.push(...page.entries)
      }
      expect(seen.map(({ raw: line }) => line.split(' :t').at(-1))).toEqual(
        Array.from({ length: 25 }, (_, n) => `${n}`),
      )
    })

    it('reads a range of arrivals, from inclusive, to exclusive', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      const base = (await hot.state(shard)).nowMs + 1000
      for (const n of [0, 1, 2, 3]) {
        await hot.freeze(shard, base + n)
        await hot.append(shard, [appendLine({ channelId, text: `t${n}` })])
      }
      const range = async (fromMs: number, toMs: number): Promise<number> =>
        (await entriesOf(hot, { shard, channelId, fromMs, toMs })).length
      expect(await range(base + 1, base + 3)).toBe(2)
      expect(await range(base, base)).toBe(0)
      expect(await range(0, base)).toBe(0)
      expect(await range(base, base + 4)).toBe(4)
      expect(await range(0, 0)).toBe(0)
    })

    it('names every channel once, and the channels of a user by day of arrival', async () => {
      const { hot } = stores()
      const { shard, channelIds } = freshPlace(40)
      await hot.append(
        shard,
        channelIds
          .flatMap((channelId) => [
            appendLine({ channelId, userId: '5' }),
            appendLine({ channelId, userId: '6', text: 'y' }),
          ])
          .slice(0, 79),
      )
      expect((await Array.fromAsync(hot.channels(shard))).toSorted()).toEqual(channelIds.toSorted())
      const { nowMs } = await hot.state(shard)
      const days = { shard, fromDayMs: nowMs - 86_400_000, toDayMs: nowMs }
      expect(await hot.userChannels({ ...days, userId: '5' })).toHaveLength(40)
      expect(await hot.userChannels({ ...days, userId: '6' })).toHaveLength(39)
      expect(await hot.userChannels({ ...days, userId: '7' })).toEqual([])
      const earlier = { shard, userId: '5', fromDayMs: 0, toDayMs: 3000 * 86_400_000 }
      expect(await hot.userChannels(earlier)).toEqual([])
      await expect(hot.userChannels({ ...earlier, toDayMs: nowMs })).rejects.toMatchObject({
        kind: 'invalid',
      })
    })

    it('finds the first arrival at or after the boundary', async () => {
      const { hot } = stores()
      const { shard, channelIds } = freshPlace(3)
      for (const channelId of channelIds) await hot.append(shard, [appendLine({ channelId })])
      const [first] = await entriesOf(hot, { shard, channelId: channelIds[0] ?? '' })
      expect(await hot.firstArrival(shard)).toBe(first?.receivedAtMs)
      await seal(hot, shard, (await hot.state(shard)).nowMs + 1)
      expect(await hot.firstArrival(shard)).toBeUndefined()
    })

    it('says that a value was not written by it, instead of passing it on (S1)', async () => {
      const { hot, other, raw } = stores()
      const { shard, channelId } = freshPlace()
      const tag = `{s${String(shard).padStart(2, '0')}}`
      await raw.xadd(`${tag}:hot:${channelId}`, '5-0', 'evil', 'x')
      await expect(hot.snapshot({ shard, channelId })).rejects.toMatchObject({ kind: 'corrupt' })
      await raw.hset(`${tag}:segments`, '1', '{')
      await expect(other.manifest(shard)).rejects.toMatchObject({ kind: 'corrupt' })
      const frozen = await hot.freeze(shard, 10)
      await expect(
        hot.commit(frozen, { cutMs: 10, segment: segmentOf(frozen), records: 1 }),
      ).rejects.toMatchObject({ kind: 'corrupt' })
      await raw.hset(`${tag}:state`, 'boundary', 'x')
      await expect(hot.state(shard)).rejects.toMatchObject({ kind: 'corrupt' })
      await expect(hot.trim(shard, { beforeMs: 1 })).rejects.toMatchObject({ kind: 'corrupt' })
    })
  })
}

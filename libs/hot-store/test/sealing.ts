import type { Cluster, Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import type { HotStore } from '../src/index.ts'
import { appendLine } from '../src/testing.ts'
import { stateKey } from '../src/keys.ts'
import { entriesOf, freshPlace, seal, segmentOf, textsOf } from './setup.ts'

/** What the move from hot to cold, and the trim behind it, do on any Redis. */
export function sealTests(
  stores: () => { readonly hot: HotStore; readonly other: HotStore; readonly raw: Redis | Cluster },
): void {
  describe('the move from hot to cold', () => {
    it('swaps hot for cold at one instant (Q1)', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(shard, [appendLine({ channelId, text: 'cold' })])
      const cutMs = (await hot.state(shard)).nowMs + 1
      const frozen = await hot.freeze(shard, cutMs)
      await hot.append(shard, [appendLine({ channelId, text: 'hot' })])
      expect(await hot.check(frozen)).toBe(true)
      expect(await hot.state(shard)).toMatchObject({
        floorMs: cutMs,
        boundaryMs: 0,
        hotRecords: 2,
      })
      const segment = segmentOf(frozen)
      expect((await hot.snapshot({ shard, channelId })).page.entries).toHaveLength(2)
      expect(await hot.commit(frozen, { cutMs, segment, records: 1 })).toBe('committed')
      const { state, segments, page } = await hot.snapshot({ shard, channelId })
      expect(segments).toEqual([segment])
      expect(page.entries.map(({ raw: line }) => line.split(' :').at(-1))).toEqual(['hot'])
      expect(state).toMatchObject({ boundaryMs: cutMs, next: 2, generation: 1, hotRecords: 1 })
      expect(await hot.check(frozen)).toBe(false)
    })

    it('counts the bytes that are hot, also where it finds records that were not counted', async () => {
      const { hot, raw } = stores()
      const { shard, channelId } = freshPlace()
      const lines = ['Pög', 'Pog', '🐸'].map((text) => appendLine({ channelId, text }))
      const [first = 0, ...others] = lines.map((line) => Buffer.byteLength(line.raw))
      const move = async (rawBytes: number, records: number): Promise<number> => {
        const { nowMs: cutMs } = await hot.state(shard)
        const frozen = await hot.freeze(shard, cutMs)
        await hot.commit(frozen, { cutMs, segment: undefined, records, rawBytes })
        return (await hot.state(shard)).hotBytes
      }
      expect((await hot.state(shard)).hotBytes).toBe(0)
      await hot.append(shard, [...lines, ...lines.slice(1)])
      const all = first + sum(others)
      expect((await hot.state(shard)).hotBytes).toBe(all)
      expect(await move(first, 1)).toBe(all - first)
      expect(await move(0, 0)).toBe(all - first)
      // What an earlier version appended has records and no bytes.
      await raw.hset(stateKey(shard), 'bytes', 5)
      expect(await move(sum(others.slice(1)), 1)).toBe(0)
      await raw.hset(stateKey(shard), 'bytes', 5)
      expect(await move(0, 1)).toBe(0)
    })

    it('answers already when the reply of a commit was lost, also long after (A2)', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(shard, [appendLine({ channelId })])
      const { nowMs } = await hot.state(shard)
      const frozen = await hot.freeze(shard, nowMs + 1)
      const what = { cutMs: nowMs + 1, segment: segmentOf(frozen), records: 1 }
      expect(await hot.commit(frozen, what)).toBe('committed')
      expect(await hot.commit(frozen, what)).toBe('already')
      await seal(hot, shard, nowMs + 2)
      expect(await hot.commit(frozen, what)).toBe('already')
      expect(await hot.state(shard)).toMatchObject({ next: 3, generation: 2, hotRecords: 0 })

      const empty = await hot.freeze(shard, nowMs + 5)
      const nothing = { cutMs: nowMs + 5, segment: undefined, records: 0 }
      expect(await hot.commit(empty, nothing)).toBe('committed')
      expect(await hot.commit(empty, nothing)).toBe('already')
      expect(await hot.state(shard)).toMatchObject({ next: 3, boundaryMs: nowMs + 5 })
    })

    it('refuses a sealer that was overtaken, and changes nothing (A2)', async () => {
      const { hot, other } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(shard, [appendLine({ channelId })])
      const { nowMs } = await hot.state(shard)
      const slow = await hot.freeze(shard, nowMs + 1)
      const fast = await other.freeze(shard, nowMs + 1)
      expect(fast.epoch).toBeGreaterThan(slow.epoch)
      expect(await hot.check(slow)).toBe(false)
      const what = { cutMs: nowMs + 1, segment: segmentOf(slow), records: 1 }
      expect(await hot.commit(slow, what)).toBe('stale')
      expect(await other.commit(fast, { ...what, segment: segmentOf(fast) })).toBe('committed')
      const before = await hot.snapshot({ shard, channelId })
      expect(await hot.commit(slow, what)).toBe('stale')
      expect(await hot.commit(slow, { ...what, segment: undefined })).toBe('stale')
      const { state, segments } = await hot.snapshot({ shard, channelId })
      expect({ ...state, nowMs: 0 }).toEqual({ ...before.state, nowMs: 0 })
      expect(segments).toEqual(before.segments)
    })

    it('refuses a commit whose freeze a failover has undone', async () => {
      const { hot, raw } = stores()
      const { shard } = freshPlace()
      const tag = `{s${String(shard).padStart(2, '0')}}`
      const { nowMs } = await hot.state(shard)
      const frozen = await hot.freeze(shard, nowMs)
      await raw.hset(`${tag}:state`, 'floor', nowMs - 1)
      expect(await hot.check(frozen)).toBe(false)
      expect(
        await hot.commit(frozen, { cutMs: nowMs, segment: segmentOf(frozen), records: 0 }),
      ).toBe('stale')
      await raw.del(`${tag}:state`)
      expect(await hot.check(frozen)).toBe(false)
      expect(
        await hot.commit(frozen, { cutMs: nowMs, segment: segmentOf(frozen), records: 0 }),
      ).toBe('stale')
      // The same epoch never comes again, though its counter was lost.
      expect((await hot.freeze(shard, nowMs)).epoch).toBeGreaterThan(frozen.epoch)
    })

    it('refuses a commit whose number was taken by another change of the manifest', async () => {
      const { hot, raw } = stores()
      const { shard } = freshPlace()
      const { nowMs } = await hot.state(shard)
      const frozen = await hot.freeze(shard, nowMs)
      await raw.hset(`{s${String(shard).padStart(2, '0')}}:state`, 'next', frozen.next + 1)
      expect(await hot.check(frozen)).toBe(false)
      const what = { cutMs: nowMs, segment: segmentOf(frozen), records: 0 }
      expect(await hot.commit(frozen, what)).toBe('stale')
      expect(await hot.manifest(shard)).toEqual([])
    })

    it('takes a lower cut than the freeze: the rest stays hot, the floor stays up', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      const base = (await hot.state(shard)).nowMs + 1000
      for (const n of [0, 1, 2]) {
        await hot.freeze(shard, base + n)
        await hot.append(shard, [appendLine({ channelId, text: `t${n}` })])
      }
      const frozen = await hot.freeze(shard, base + 10)
      const what = { cutMs: base + 1, segment: segmentOf(frozen), records: 1 }
      expect(await hot.commit(frozen, what)).toBe('committed')
      expect(await hot.state(shard)).toMatchObject({
        boundaryMs: base + 1,
        floorMs: base + 10,
        hotRecords: 2,
      })
      expect(await hot.firstArrival(shard)).toBe(base + 1)
      await expect(hot.commit(frozen, { ...what, cutMs: base + 11 })).rejects.toMatchObject({
        kind: 'invalid',
      })
    })

    it('never lets floor or boundary go back', async () => {
      const { hot } = stores()
      const { shard } = freshPlace()
      const { nowMs } = await hot.state(shard)
      await seal(hot, shard, nowMs)
      const low = await hot.freeze(shard, nowMs - 5)
      expect(await hot.state(shard)).toMatchObject({ boundaryMs: nowMs, floorMs: nowMs })
      const what = { cutMs: nowMs - 5, segment: undefined, records: 0 }
      await expect(hot.commit(low, what)).rejects.toMatchObject({ kind: 'invalid' })
    })

    it('sends the manifest only when it has changed, and knows one that a failover replaced', async () => {
      const { hot, other, raw } = stores()
      const { shard, channelId } = freshPlace()
      const { nowMs } = await hot.state(shard)
      await seal(hot, shard, nowMs)
      const first = await hot.snapshot({ shard, channelId })
      expect((await hot.snapshot({ shard, channelId })).segments).toBe(first.segments)
      await seal(other, shard, nowMs + 1)
      expect((await hot.snapshot({ shard, channelId })).segments).toHaveLength(2)

      const tag = `{s${String(shard).padStart(2, '0')}}`
      const earlier = { boundary: nowMs, next: 2, generation: 1 }
      await raw.hset(`${tag}:state`, earlier)
      await raw.hdel(`${tag}:segments`, '2')
      const redone = await seal(other, shard, nowMs + 1)
      const { state, segments } = await hot.snapshot({ shard, channelId })
      expect(state.generation).toBe(2)
      expect(segments.at(-1)?.key).toBe(segmentOf(redone).key)
    })
  })

  describe('trim', () => {
    it('never goes beyond the boundary (A1)', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(shard, [appendLine({ channelId })])
      const { nowMs } = await hot.state(shard)
      await expect(hot.trim(shard, { beforeMs: nowMs + 1 })).rejects.toMatchObject({
        kind: 'invalid',
      })
      await seal(hot, shard, nowMs + 1)
      await expect(hot.trim(shard, { beforeMs: nowMs + 2 })).rejects.toMatchObject({
        kind: 'invalid',
      })
      expect(await entriesOf(hot, { shard, channelId })).toHaveLength(1)
      expect(await hot.trim(shard, { beforeMs: nowMs + 1 })).toEqual({ removed: 1 })
      expect(await hot.trim(shard, { beforeMs: nowMs + 1 })).toEqual({ removed: 0 })
    })

    it('removes exactly what arrived before, in slices, and forgets channels that are empty', async () => {
      const { hot, raw } = stores()
      const { shard, channelIds } = freshPlace(3)
      const [busy = '', quiet = '', late = ''] = channelIds
      for (let from = 0; from < 3000; from += 500) {
        await hot.append(
          shard,
          Array.from({ length: 500 }, (_, n) =>
            appendLine({ channelId: busy, text: `t${from + n}` }),
          ),
        )
      }
      await hot.append(shard, [appendLine({ channelId: quiet })])
      const cutMs = (await hot.state(shard)).nowMs + 1
      await seal(hot, shard, cutMs)
      await hot.append(shard, [
        appendLine({ channelId: busy, text: 'new' }),
        appendLine({ channelId: late }),
      ])
      expect((await hot.state(shard)).hotRecords).toBe(2)
      expect(await hot.trim(shard, { beforeMs: cutMs, sliceEntries: 100 })).toEqual({
        removed: 3001,
      })
      expect(await textsOf(hot, { shard, channelId: busy })).toEqual(['new'])
      expect((await Array.fromAsync(hot.channels(shard))).toSorted()).toEqual(
        [busy, late].toSorted(),
      )
      expect(await raw.exists(`{s${String(shard).padStart(2, '0')}}:hot:${quiet}`)).toBe(0)
      expect(await hot.state(shard)).toMatchObject({ trimmedMs: cutMs, hotRecords: 2 })
      await hot.append(shard, [appendLine({ channelId: quiet, text: 'back' })])
      expect(await textsOf(hot, { shard, channelId: quiet })).toEqual(['back'])
      expect(await Array.fromAsync(hot.channels(shard))).toContain(quiet)
    })

    it('tells a reader between two pages to start over (Q1)', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(
        shard,
        Array.from({ length: 10 }, (_, n) => appendLine({ channelId, text: `t${n}` })),
      )
      const { page } = await hot.snapshot({ shard, channelId, maxEntries: 4 })
      const afterId = page.nextId ?? ''
      const cutMs = (await hot.state(shard)).nowMs + 1
      await seal(hot, shard, cutMs)
      expect(await hot.readPage({ shard, channelId, afterId })).toMatchObject({
        nextId: undefined,
      })
      await hot.trim(shard, { beforeMs: cutMs })
      expect(await hot.readPage({ shard, channelId, afterId })).toBe('retry')
    })
  })
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cluster, Redis } from 'ioredis'
import { type HotStore, type HotTail, openHotStore } from '../src/index.ts'
import { appendLine } from '../src/testing.ts'
import { clientHitsTests } from './client-hits.ts'
import { erasingTests } from './erasing.ts'
import { modelTest } from './model.ts'
import { optOutTests } from './opt-outs.ts'
import { replicaModelTest } from './replica-model.ts'
import { replicaTests } from './replicas.ts'
import { entriesOf, freshPlace, rawClient, seal, segmentOf, SHARDS } from './setup.ts'
import { swapTests } from './swapping.ts'
import { tailTests } from './tailing.ts'

export interface Started {
  readonly url: string
  /** Interleavings to walk. */
  readonly modelRuns: number
  stop(): Promise<void>
}

/** What the hot store does on any Redis: a single server, or a cluster. */
export function hotStoreSuite(servers: string, start: () => Promise<Started>): void {
  describe(`the hot store on ${servers}`, () => {
    let server: Started
    let hot: HotStore
    let other: HotStore
    let raw: Redis | Cluster
    let tail: HotTail

    beforeAll(async () => {
      server = await start()
      hot = await openHotStore({ url: server.url, shards: SHARDS })
      other = await openHotStore({ url: server.url, shards: 1 })
      raw = rawClient(server.url)
      tail = await hot.openTail()
    })

    afterAll(async () => {
      raw.disconnect()
      tail.close()
      other.close()
      hot.close()
      await server.stop()
    })

    const texts = async (place: { shard: number; channelId: string }): Promise<string[]> =>
      (await entriesOf(hot, place)).map(({ raw: line }) => line.split(' :').at(-1) ?? '')

    describe('append', () => {
      it('brings back what was appended, byte for byte, in order of arrival (Q2)', async () => {
        const { shard, channelId } = freshPlace()
        const line = appendLine({
          channelId,
          raw: '@a=\\s;b= :x PRIVMSG #a :Ünïcödé 🎉 \u0001ACTION \0 trailing  ',
        })
        const untimed = appendLine({ channelId, userId: '', sentAtMs: undefined, type: 'NOTICE' })
        expect(await hot.append(shard, [line, untimed])).toEqual({ appended: 2, duplicates: 0 })

        const [first, second] = await entriesOf(hot, { shard, channelId })
        expect(first).toMatchObject({
          channelId,
          raw: line.raw,
          sentAtMs: line.sentAtMs,
          userId: '1001',
          type: 'PRIVMSG',
        })
        expect(second).toMatchObject({
          raw: untimed.raw,
          sentAtMs: second?.receivedAtMs,
          userId: '',
          type: 'NOTICE',
        })
      })

      it('keeps the order of batches that are sent one right after the other, whatever their size', async () => {
        const place = freshPlace()
        const lines = Array.from({ length: 2100 }, (_, n) =>
          appendLine({ channelId: place.channelId, text: `t${n}` }),
        )
        const batches = [lines.slice(0, 700), lines.slice(700, 1400), lines.slice(1400)]
        await Promise.all(batches.map((batch) => hot.append(place.shard, batch)))
        expect(await texts(place)).toEqual(lines.map((_, n) => `t${n}`))
      })

      it('appends nothing for no lines', async () => {
        expect(await hot.append(freshPlace().shard, [])).toEqual({ appended: 0, duplicates: 0 })
      })

      it('splits a large batch and loses nothing', async () => {
        const { shard, channelId } = freshPlace()
        const lines = Array.from({ length: 1234 }, (_, n) =>
          appendLine({ channelId, text: `t${n}` }),
        )
        expect(await hot.append(shard, [...lines, ...lines])).toEqual({
          appended: 1234,
          duplicates: 1234,
        })
        expect(await texts({ shard, channelId })).toEqual(lines.map((_, n) => `t${n}`))
      })

      it('stores a line once, in one batch, over batches, and from two appenders at once (I2)', async () => {
        const { shard, channelId } = freshPlace()
        const lines = Array.from({ length: 100 }, (_, n) =>
          appendLine({ channelId, text: `t${n}` }),
        )
        expect(await hot.append(shard, [...lines, ...lines.slice(0, 5)])).toEqual({
          appended: 100,
          duplicates: 5,
        })
        const more = Array.from({ length: 300 }, (_, n) => appendLine({ channelId, text: `t${n}` }))
        const results = await Promise.all(
          [hot, other, hot, other].map((store) => store.append(shard, more)),
        )
        expect(results.reduce((sum, { appended }) => sum + appended, 0)).toBe(200)
        expect(new Set(await texts({ shard, channelId })).size).toBe(300)
        expect(await texts({ shard, channelId })).toHaveLength(300)
      })

      it('remembers a line over two windows, and forgets it after the third (I2)', async () => {
        const { shard, channelId } = freshPlace()
        const windowMs = 300
        const brief = await openHotStore({ url: server.url, seenWindowMs: windowMs })
        const line = [appendLine({ channelId })]
        const outcomes: [window: number, appended: number][] = []
        for (;;) {
          const before = Math.floor((await hot.state(shard)).nowMs / windowMs)
          const { appended } = await brief.append(shard, line)
          const after = Math.floor((await hot.state(shard)).nowMs / windowMs)
          if (before === after) outcomes.push([after, appended])
          if (outcomes.length > 1 && appended > 0) break
          await new Promise((resolve) => setTimeout(resolve, 40))
        }
        brief.close()
        const first = outcomes[0]?.[0] ?? 0
        const again = outcomes.at(-1)
        expect(again?.[1]).toBe(1)
        const known = outcomes.slice(1, -1).map(([window]) => window - first)
        expect(Math.max(...known)).toBeOneOf([1, 2])
        expect((again?.[0] ?? 0) - first).toBeGreaterThanOrEqual(3)
      })

      it('lets the memory for duplicates expire, as 16 bytes a key', async () => {
        const { shard, channelId } = freshPlace()
        const line = appendLine({ channelId })
        await hot.append(shard, [line])
        const tag = `{s${String(shard).padStart(2, '0')}}`
        const window = Math.floor((await hot.state(shard)).nowMs / 300_000)
        const key = `${tag}:seen:${window}`
        expect(await raw.smembersBuffer(key)).toEqual([Buffer.from(line.key, 'hex')])
        const remainingMs = await raw.pttl(key)
        expect(remainingMs).toBeGreaterThan(900_000)
        expect(remainingMs).toBeLessThanOrEqual(1_200_000)
      })

      it('lands at or after the cut of a freeze, also when the clock is behind it (Q1)', async () => {
        const { shard, channelId } = freshPlace()
        const { nowMs } = await hot.state(shard)
        await hot.append(shard, [appendLine({ channelId, text: 'before' })])
        const cutMs = nowMs + 60_000
        await hot.freeze(shard, cutMs)
        await hot.append(
          shard,
          [1, 2, 3].map((n) => appendLine({ channelId, text: `after ${n}` })),
        )
        const [before, ...after] = await entriesOf(hot, { shard, channelId })
        expect(before?.receivedAtMs).toBeLessThan(cutMs)
        expect(after.map(({ receivedAtMs }) => receivedAtMs)).toEqual([cutMs, cutMs, cutMs])
        await hot.append(shard, [appendLine({ channelId, text: 'later' })])
        expect((await entriesOf(hot, { shard, channelId })).at(-1)?.id).toBe(`${cutMs + 1}-0`)
        const day = await hot.userChannels({
          shard,
          userId: '1001',
          fromDayMs: cutMs,
          toDayMs: cutMs,
        })
        expect(day).toEqual([channelId])
      })

      it('continues after the last id of a stream that is ahead of the clock', async () => {
        const { shard, channelId } = freshPlace()
        await hot.append(shard, [appendLine({ channelId, text: 'first' })])
        const [stream] = [`{s${String(shard).padStart(2, '0')}}:hot:${channelId}`]
        const aheadMs = (await hot.state(shard)).nowMs + 3_600_000
        await raw.xadd(stream, `${aheadMs}-7`, 'r', 'x :ahead', 't', '1', 'u', '', 'k', 'PRIVMSG')
        expect(await hot.append(shard, [appendLine({ channelId, text: 'next' })])).toEqual({
          appended: 1,
          duplicates: 0,
        })
        const entries = await entriesOf(hot, { shard, channelId })
        expect(entries.at(-1)?.id).toBe(`${aheadMs + 1}-0`)
        expect(await texts({ shard, channelId })).toEqual(['first', 'ahead', 'next'])
      })

      it('gives each call an arrival of its own in a stream, whatever the clock does', async () => {
        const { shard, channelIds } = freshPlace(2)
        const [channelId = '', second = ''] = channelIds
        const batch = (from: number) =>
          [0, 1, 2].flatMap((n) => [
            appendLine({ channelId, text: `${from + n}` }),
            appendLine({ channelId: second, text: `${from + n}` }),
          ])
        await Promise.all([0, 10, 20, 30, 40].map((from) => hot.append(shard, batch(from))))
        // As after a clock that stepped back, and an erasure of the last entry.
        const stream = `{s${String(shard).padStart(2, '0')}}:hot:${channelId}`
        const ahead = `${(await hot.state(shard)).nowMs + 60_000}-3`
        await raw.xadd(stream, ahead, 'r', 'x :ahead', 't', '1', 'u', '', 'k', 'PRIVMSG')
        await raw.xdel(stream, ahead)
        await Promise.all([50, 60].map((from) => hot.append(shard, batch(from))))
        for (const id of channelIds) {
          const groups = Map.groupBy(
            await entriesOf(hot, { shard, channelId: id }),
            ({ receivedAtMs }) => receivedAtMs,
          )
          const sizes = [...groups.values()].map(({ length }) => length)
          expect(sizes).toEqual([3, 3, 3, 3, 3, 3, 3])
        }
      })

      it('refuses hostile fields and other shards before anything is sent (S1)', async () => {
        const { shard, channelId } = freshPlace()
        const good = appendLine({ channelId })
        const hostile = [
          appendLine({ channelId: '1}:state' }),
          appendLine({ channelId, userId: '*' }),
          appendLine({ channelId, key: 'x' }),
          appendLine({ channelId: freshPlace().channelId }),
        ]
        for (const line of hostile) {
          await expect(hot.append(shard, [good, line])).rejects.toMatchObject({ kind: 'invalid' })
        }
        expect(await entriesOf(hot, { shard, channelId })).toEqual([])
      })

      it('keeps what it appended out of the memory for duplicates when a stream is damaged, and says so', async () => {
        const { shard, channelIds } = freshPlace(2)
        const [good = '', damaged = ''] = channelIds
        await raw.set(`{s${String(shard).padStart(2, '0')}}:hot:${damaged}`, 'not a stream')
        const lines = [appendLine({ channelId: good }), appendLine({ channelId: damaged })]
        await expect(hot.append(shard, lines)).rejects.toMatchObject({ kind: 'corrupt' })
        await raw.del(`{s${String(shard).padStart(2, '0')}}:hot:${damaged}`)
        // The first was appended and is known; the second was not, and is not lost.
        expect(await hot.append(shard, lines)).toEqual({ appended: 1, duplicates: 1 })
        expect((await hot.state(shard)).hotRecords).toBe(2)
      })
    })

    tailTests(() => ({ hot, tail }))

    describe('reading', () => {
      it('starts with an unused shard: everything is hot, the first segment is number 1', async () => {
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
        expect((await Array.fromAsync(hot.channels(shard))).toSorted()).toEqual(
          channelIds.toSorted(),
        )
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
        const { shard, channelIds } = freshPlace(3)
        for (const channelId of channelIds) await hot.append(shard, [appendLine({ channelId })])
        const [first] = await entriesOf(hot, { shard, channelId: channelIds[0] ?? '' })
        expect(await hot.firstArrival(shard)).toBe(first?.receivedAtMs)
        await seal(hot, shard, (await hot.state(shard)).nowMs + 1)
        expect(await hot.firstArrival(shard)).toBeUndefined()
      })

      it('says that a value was not written by it, instead of passing it on (S1)', async () => {
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

    describe('the move from hot to cold', () => {
      it('swaps hot for cold at one instant (Q1)', async () => {
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

      it('answers already when the reply of a commit was lost, also long after (A2)', async () => {
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
        const { shard } = freshPlace()
        const { nowMs } = await hot.state(shard)
        await seal(hot, shard, nowMs)
        const low = await hot.freeze(shard, nowMs - 5)
        expect(await hot.state(shard)).toMatchObject({ boundaryMs: nowMs, floorMs: nowMs })
        const what = { cutMs: nowMs - 5, segment: undefined, records: 0 }
        await expect(hot.commit(low, what)).rejects.toMatchObject({ kind: 'invalid' })
      })

      it('sends the manifest only when it has changed, and knows one that a failover replaced', async () => {
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
        expect(await texts({ shard, channelId: busy })).toEqual(['new'])
        expect((await Array.fromAsync(hot.channels(shard))).toSorted()).toEqual(
          [busy, late].toSorted(),
        )
        expect(await raw.exists(`{s${String(shard).padStart(2, '0')}}:hot:${quiet}`)).toBe(0)
        expect(await hot.state(shard)).toMatchObject({ trimmedMs: cutMs, hotRecords: 2 })
        await hot.append(shard, [appendLine({ channelId: quiet, text: 'back' })])
        expect(await texts({ shard, channelId: quiet })).toEqual(['back'])
        expect(await Array.fromAsync(hot.channels(shard))).toContain(quiet)
      })

      it('tells a reader between two pages to start over (Q1)', async () => {
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

    describe('names and registry', () => {
      it('learns both directions, and the name seen later wins', async () => {
        const now = 1_760_000_000_000
        const learnt = await hot.names.learn([
          { id: '71', login: 'old_name', seenAtMs: now },
          { id: '72', login: '__proto__', seenAtMs: now },
          { id: 'x', login: 'bad', seenAtMs: now },
          { id: '73', login: 'Bad', seenAtMs: now },
        ])
        expect(learnt).toEqual({ written: 4, refused: 2 })
        await other.names.learn([{ id: '71', login: 'new_name', seenAtMs: now + 5 }])
        await other.names.learn([{ id: '71', login: 'old_name', seenAtMs: now - 5 }])
        expect(await hot.names.loginsOf(['71', '72', '73', 'x'])).toEqual(
          new Map([
            ['71', 'new_name'],
            ['72', '__proto__'],
          ]),
        )
        expect(await hot.names.idsOf(['old_name', 'new_name', 'nobody', 'A B'])).toEqual(
          new Map([
            ['old_name', '71'],
            ['new_name', '71'],
          ]),
        )
        // Renamed and back within minutes: written again, though this process wrote the pair before.
        await other.names.learn([{ id: '71', login: 'old_name', seenAtMs: now + 9 }])
        await other.names.learn([{ id: '71', login: 'new_name', seenAtMs: now + 11 }])
        expect(await hot.names.loginsOf(['71'])).toEqual(new Map([['71', 'new_name']]))
      })

      it('writes a name that it wrote lately only once', async () => {
        const name = { id: '81', login: 'chatty', seenAtMs: 1_760_000_000_000 }
        expect(await hot.names.learn([name])).toMatchObject({ written: 2 })
        expect(await hot.names.learn([{ ...name, seenAtMs: name.seenAtMs + 1000 }])).toMatchObject({
          written: 0,
        })
        expect(
          await hot.names.learn([{ ...name, seenAtMs: name.seenAtMs + 600_000 }]),
        ).toMatchObject({ written: 2 })
      })

      it('learns thousands of names at once', async () => {
        const names = Array.from({ length: 3000 }, (_, n) => ({
          id: `${900_000 + n}`,
          login: `many_${n}`,
          seenAtMs: 5,
        }))
        expect(await hot.names.learn(names)).toEqual({ written: 6000, refused: 0 })
        expect((await hot.names.idsOf(names.map(({ login }) => login))).size).toBe(3000)
      })

      it('keeps the registry of channels', async () => {
        expect(await hot.registry.add(['nymn', 'forsen', '__proto__', 'nymn'])).toBe(3)
        expect(await other.registry.add(['forsen', 'xqc'])).toBe(1)
        expect(await hot.registry.setId('forsen', '22484632')).toBe(true)
        expect(await hot.registry.remove(['xqc', 'nobody'])).toBe(1)
        expect(await hot.registry.setId('xqc', '71092938')).toBe(false)
        expect(
          (await hot.registry.list()).map(({ login, channelId }) => [login, channelId]),
        ).toEqual([
          ['__proto__', undefined],
          ['forsen', '22484632'],
          ['nymn', undefined],
        ])
        for (const channel of await other.registry.list()) {
          expect(await hot.registry.find(channel.login)).toEqual(channel)
        }
        for (const login of ['xqc', 'nobody', 'constructor', '', 'A', '#nymn']) {
          expect(await hot.registry.find(login)).toBeUndefined()
        }
        for (const login of ['', 'A', '#nymn', 'a\n', 'x'.repeat(26)]) {
          await expect(hot.registry.add([login])).rejects.toMatchObject({ kind: 'invalid' })
        }
        await expect(hot.registry.setId('nymn', 'x')).rejects.toMatchObject({ kind: 'invalid' })
      })

      it('keeps a channel that was asked for until nobody has asked for it for long', async () => {
        const logins = async () => (await other.registry.list()).map(({ login }) => login)
        await hot.registry.remove(await logins())
        await hot.registry.add(['settled'])
        expect(await hot.registry.ask('settled', 2)).toBe('known')
        expect(await hot.registry.ask('first', 2)).toBe('added')
        expect(await other.registry.ask('first', 2)).toBe('known')
        expect(await hot.registry.ask('second', 2)).toBe('added')
        expect(await hot.registry.ask('third', 2)).toBe('full')
        expect(await logins()).toEqual(['first', 'second', 'settled'])
        expect(await hot.registry.setId('first', '1')).toBe(true)

        // Put into the settings, or added by an admin: it stays.
        await hot.registry.add(['second'])
        expect(await hot.registry.dropUnasked(60_000)).toEqual([])
        expect(await hot.registry.dropUnasked(0)).toEqual(['first'])
        expect(await hot.registry.dropUnasked(0)).toEqual([])
        expect(await logins()).toEqual(['second', 'settled'])

        // Removed by an admin: its place is free, and it may be asked for again.
        expect(await hot.registry.ask('first', 1)).toBe('added')
        await hot.registry.remove(['first'])
        expect(await hot.registry.ask('third', 1)).toBe('added')
        await expect(hot.registry.ask('#third', 1)).rejects.toMatchObject({ kind: 'invalid' })
        await hot.registry.remove(await logins())
      })

      it('notes an access once in half an hour, and only of a channel that was asked for', async () => {
        await hot.registry.add(['settled'])
        await hot.registry.ask('asked', 1)
        const accessMs = async () => Number(await raw.hget('{channels}:asked', 'asked'))
        const askedMs = await accessMs()
        await hot.registry.noteAccess('asked')
        await hot.registry.noteAccess('settled')
        expect(await accessMs()).toBe(askedMs)
        await raw.hset('{channels}:asked', 'asked', askedMs - 1_800_000)
        await hot.registry.noteAccess('asked')
        expect(await accessMs()).toBeGreaterThanOrEqual(askedMs)
        expect(await raw.hlen('{channels}:asked')).toBe(1)
        await hot.registry.remove(['settled', 'asked'])
      })
    })

    swapTests(() => ({ hot, other, raw }))
    erasingTests(() => ({ hot, other, raw }))
    optOutTests(() => ({ hot, other, raw }))
    clientHitsTests(() => ({ hot, other }))
    replicaTests(() => ({ hot, other, raw }))

    it('knows of every replica what a simple model knows, whatever they and the clock do (I1)', async () => {
      const seldom = await replicaModelTest(server.url, Math.ceil(server.modelRuns / 3))
      expect(Object.entries(seldom).filter(([, times]) => times === 0)).toEqual([])
    })

    it('keeps the number of shards it was first opened with', () => {
      expect(other.shards).toBe(SHARDS)
    })

    it('answers ping and tells the memory in use', async () => {
      await hot.ping()
      const { usedBytes, maxBytes } = await hot.memory()
      expect(usedBytes).toBeGreaterThan(100_000)
      expect(maxBytes).toBe(0)
    })

    it('keeps every acknowledged record in exactly one place under any interleaving (I2, A1, A2, Q1)', async () => {
      const seldom = await modelTest(server.url, server.modelRuns)
      expect(Object.entries(seldom).filter(([, times]) => times === 0)).toEqual([])
    })
  })
}

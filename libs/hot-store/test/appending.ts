import { randomUUID } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { type HotStore, openHotStore } from '../src/index.ts'
import { appendLine } from '../src/testing.ts'
import { entriesOf, freshPlace, textsOf } from './setup.ts'

/** What appending does on any Redis. */
export function appendTests(
  stores: () => {
    readonly hot: HotStore
    readonly other: HotStore
    readonly raw: Redis | Cluster
    readonly url: string
  },
): void {
  describe('append', () => {
    it('brings back what was appended, byte for byte, in order of arrival (Q2)', async () => {
      const { hot } = stores()
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
      const { hot } = stores()
      const place = freshPlace()
      const lines = Array.from({ length: 2100 }, (_, n) =>
        appendLine({ channelId: place.channelId, text: `t${n}` }),
      )
      const batches = [lines.slice(0, 700), lines.slice(700, 1400), lines.slice(1400)]
      await Promise.all(batches.map((batch) => hot.append(place.shard, batch)))
      expect(await textsOf(hot, place)).toEqual(lines.map((_, n) => `t${n}`))
    })

    it('appends nothing for no lines', async () => {
      const { hot } = stores()
      expect(await hot.append(freshPlace().shard, [])).toEqual({ appended: 0, duplicates: 0 })
    })

    it('splits a large batch and loses nothing', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      const lines = Array.from({ length: 1234 }, (_, n) => appendLine({ channelId, text: `t${n}` }))
      expect(await hot.append(shard, [...lines, ...lines])).toEqual({
        appended: 1234,
        duplicates: 1234,
      })
      expect(await textsOf(hot, { shard, channelId })).toEqual(lines.map((_, n) => `t${n}`))
    })

    it('stores a line once, in one batch, over batches, and from two appenders at once (I2)', async () => {
      const { hot, other } = stores()
      const { shard, channelId } = freshPlace()
      const lines = Array.from({ length: 100 }, (_, n) => appendLine({ channelId, text: `t${n}` }))
      expect(await hot.append(shard, [...lines, ...lines.slice(0, 5)])).toEqual({
        appended: 100,
        duplicates: 5,
      })
      const more = Array.from({ length: 300 }, (_, n) => appendLine({ channelId, text: `t${n}` }))
      const results = await Promise.all(
        [hot, other, hot, other].map((store) => store.append(shard, more)),
      )
      expect(results.reduce((sum, { appended }) => sum + appended, 0)).toBe(200)
      expect(new Set(await textsOf(hot, { shard, channelId })).size).toBe(300)
      expect(await textsOf(hot, { shard, channelId })).toHaveLength(300)
    })

    it('remembers a line over two windows, and forgets it after the third (I2)', async () => {
      const { hot, url } = stores()
      const { shard, channelId } = freshPlace()
      const windowMs = 300
      const brief = await openHotStore({ url, seenWindowMs: windowMs })
      const outcomes: [window: number, appended: number][] = []
      const newLine = () => [appendLine({ channelId, text: randomUUID() })]
      let line = newLine()
      for (;;) {
        const before = Math.floor((await hot.state(shard)).nowMs / windowMs)
        const { appended } = await brief.append(shard, line)
        const after = Math.floor((await hot.state(shard)).nowMs / windowMs)
        if (before === after) {
          outcomes.push([after, appended])
          if (outcomes.length > 1 && appended > 0) break
        } else if (appended > 0) {
          // In which window it was stored is not known: once more, with another line.
          outcomes.length = 0
          line = newLine()
        }
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
      const { hot, raw } = stores()
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
      const { hot } = stores()
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
      const { hot, raw } = stores()
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
      expect(await textsOf(hot, { shard, channelId })).toEqual(['first', 'ahead', 'next'])
    })

    it('gives each call an arrival of its own in a stream, whatever the clock does', async () => {
      const { hot, raw } = stores()
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
      const { hot } = stores()
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
      const { hot, raw } = stores()
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
}

import { describe, expect, it } from 'vitest'
import type { HotStore, HotTail, TailPage } from '../src/index.ts'
import { appendLine } from '../src/testing.ts'
import { freshPlace, seal } from './setup.ts'

const textsOf = ({ channels }: TailPage, channelId: string): string[] =>
  (channels.get(channelId) ?? []).map(({ raw }) => raw.split(' :').at(-1) ?? '')

/** What following streams does on any Redis. */
export function tailTests(stores: () => { readonly hot: HotStore; readonly tail: HotTail }): void {
  describe('the tail', () => {
    it('reads what came behind a place in each of many channels, of one instant', async () => {
      const { hot, tail } = stores()
      const { shard, channelIds } = freshPlace(3)
      const [first = '', second = '', idle = ''] = channelIds
      const start = new Map(channelIds.map((id) => [id, '0-0']))
      expect((await tail.read({ shard, after: start })).channels.size).toBe(0)
      await hot.append(shard, [
        appendLine({ channelId: first, text: 'one' }),
        appendLine({ channelId: second, text: 'two' }),
        appendLine({ channelId: first, text: 'three' }),
      ])
      const page = await tail.read({ shard, after: start })
      expect(textsOf(page, first)).toEqual(['one', 'three'])
      expect(textsOf(page, second)).toEqual(['two'])
      expect([...page.channels.keys()].toSorted()).toEqual([first, second].toSorted())
      const arrivals = [...page.channels.values()].flat().map(({ receivedAtMs }) => receivedAtMs)
      expect(Math.max(...arrivals)).toBeLessThanOrEqual(page.nowMs)

      const after = new Map([
        [first, page.channels.get(first)?.[0]?.id ?? ''],
        [second, page.channels.get(second)?.[0]?.id ?? ''],
        [idle, '0-0'],
      ])
      expect(textsOf(await tail.read({ shard, after, maxEntries: 1 }), first)).toEqual(['three'])
    })

    it('says when the last entry of each channel arrived', async () => {
      const { hot, tail } = stores()
      const { shard, channelIds } = freshPlace(2)
      const [channelId = '', empty = ''] = channelIds
      await hot.append(shard, [appendLine({ channelId, text: 'one' })])
      await hot.append(shard, [appendLine({ channelId, text: 'two' })])
      const { channels } = await tail.read({ shard, after: new Map([[channelId, '0-0']]) })
      const last = channels.get(channelId)?.at(-1)?.receivedAtMs
      expect([...(await tail.lastArrivals(shard, [channelId, empty]))]).toEqual([[channelId, last]])
    })

    it('says from where on nothing can be missing', async () => {
      const { hot, tail } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(shard, [appendLine({ channelId, text: 'sealed' })])
      const cutMs = (await hot.state(shard)).nowMs + 1
      const after = new Map([[channelId, '0-0']])
      expect(await tail.read({ shard, after })).toMatchObject({ floorMs: 0, trimmedMs: 0 })
      await seal(hot, shard, cutMs)
      const sealed = await tail.read({ shard, after })
      expect(sealed).toMatchObject({ floorMs: cutMs, trimmedMs: 0 })
      expect(textsOf(sealed, channelId)).toEqual(['sealed'])
      await hot.trim(shard, { beforeMs: cutMs })
      const trimmed = await tail.read({ shard, after })
      expect(trimmed).toMatchObject({ floorMs: cutMs, trimmedMs: cutMs })
      expect(trimmed.channels.size).toBe(0)
    })

    it('takes nothing hostile, and no more channels than Redis reads at once (S1)', async () => {
      const { tail } = stores()
      const { shard } = freshPlace()
      const hostile = new Map([['1}:state', '0-0']])
      await expect(tail.read({ shard, after: hostile })).rejects.toMatchObject({ kind: 'invalid' })
      const many = new Map(Array.from({ length: 1001 }, (_, n) => [String(n), '0-0']))
      await expect(tail.read({ shard, after: many })).rejects.toMatchObject({ kind: 'invalid' })
    })
  })
}

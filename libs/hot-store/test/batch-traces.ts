import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { HotStore } from '../src/index.ts'

const traceparent = (number: number): string =>
  `00-${number.toString(16).padStart(32, '0')}-${'ab'.repeat(8)}-01`

/** What handing traces of batches on does on any Redis, for two processes. */
export function batchTracesTests(stores: () => { hot: HotStore; other: HotStore }): void {
  describe('traces of batches', () => {
    it('are taken once, by shard, up to a time', async () => {
      const { hot, other } = stores()
      await hot.traces.note(1, traceparent(1))
      await sleep(2)
      await hot.traces.note(1, traceparent(2))
      await sleep(2)
      const { nowMs } = await hot.state(1)
      await sleep(2)
      await hot.traces.note(1, traceparent(3))
      expect(await other.traces.take(1, 0)).toEqual([])
      expect(await other.traces.take(1, nowMs)).toEqual([traceparent(1), traceparent(2)])
      expect(await hot.traces.take(1, nowMs)).toEqual([])
      expect(await hot.traces.take(2, nowMs + 60_000)).toEqual([])
      expect(await hot.traces.take(1, nowMs + 60_000)).toEqual([traceparent(3)])
    })

    it('are not more than 64, the last ones (S1)', async () => {
      const { hot } = stores()
      for (let number = 1; number <= 70; number += 1) {
        await hot.traces.note(3, traceparent(number))
        await sleep(1)
      }
      const { nowMs } = await hot.state(3)
      const kept = Array.from({ length: 64 }, (_, at) => traceparent(at + 7))
      expect(await hot.traces.take(3, nowMs + 1)).toEqual(kept)
    })

    it.each(['', '00-1-2-01', `${traceparent(1)} `, traceparent(1).toUpperCase()])(
      'that are none are refused: %j (S1)',
      async (text) => {
        await expect(stores().hot.traces.note(0, text)).rejects.toMatchObject({ kind: 'invalid' })
      },
    )
  })
}

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { HotStore } from '../src/index.ts'

/** What counting clients' hits does on any Redis, for two processes. */
export function clientHitsTests(stores: () => { hot: HotStore; other: HotStore }): void {
  describe("clients' hits", () => {
    it('are added up for all processes, until the window of the first one ends', async () => {
      const { hot, other } = stores()
      const hit = { client: '192.0.2.7', hits: 1, windowMs: 1500 }
      expect((await hot.clientHits.add(hit)).hits).toBe(1)
      await sleep(300)
      const second = await other.clientHits.add({ ...hit, hits: 5 })
      expect(second.hits).toBe(6)
      expect(second.leftMs).toBeLessThanOrEqual(1250)
      expect((await hot.clientHits.add({ ...hit, client: '2001:db8::/64' })).hits).toBe(1)
      await sleep(1500)
      expect((await other.clientHits.add(hit)).hits).toBe(1)
    })

    it.each([
      ['', 1, 1000],
      ['a b', 1, 1000],
      ['{x}', 1, 1000],
      ['x'.repeat(65), 1, 1000],
      ['192.0.2.7', 0, 1000],
      ['192.0.2.7', 1, 0],
      ['192.0.2.7', 1.5, 1000],
    ])('of %s, %d in %d ms are refused (S1)', async (client, hits, windowMs) => {
      const { hot } = stores()
      await expect(hot.clientHits.add({ client, hits, windowMs })).rejects.toMatchObject({
        kind: 'invalid',
      })
    })
  })
}

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LocalJoinBudget } from './join-budget.ts'

describe('LocalJoinBudget', () => {
  it('grants at most so many joins in any window, and all of them to who waits', () => {
    const asks = fc.array(fc.record({ afterMs: fc.nat(4000), wanted: fc.nat(15) }))
    fc.assert(
      fc.property(asks, (todo) => {
        let now = 0
        const budget = new LocalJoinBudget({
          joinsMax: () => 20,
          windowMs: 10_000,
          nowMs: () => now,
        })
        const grants: { atMs: number; count: number }[] = []
        for (const { afterMs, wanted } of todo) {
          now += afterMs
          const inWindow = grants.filter(({ atMs }) => now - atMs < 10_000)
          const taken = inWindow.reduce((sum, { count }) => sum + count, 0)
          const granted = budget.take(wanted)
          expect(granted).toBe(Math.min(wanted, 20 - taken))
          grants.push({ atMs: now, count: granted })
        }
      }),
    )
  })
})

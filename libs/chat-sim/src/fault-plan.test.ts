import { describe, expect, it } from 'vitest'
import { FaultPlan } from './fault-plan.ts'

function picked(plan: FaultPlan, count: number): number[] {
  return Array.from({ length: count }, (_, line) => line).filter(() => plan.isDuplicate())
}

describe('FaultPlan', () => {
  it('does nothing unless asked', () => {
    const plan = new FaultPlan(undefined)
    expect(plan.isDuplicate() || plan.isSplit() || plan.isMalformed()).toBe(false)
  })

  it('picks the same lines for the same seed, about as many as the share says', () => {
    const rates = { seed: 5, duplicateShare: 0.1 }
    const lines = picked(new FaultPlan(rates), 1000)
    expect(picked(new FaultPlan(rates), 1000)).toEqual(lines)
    expect(picked(new FaultPlan({ ...rates, seed: 6 }), 1000)).not.toEqual(lines)
    expect(lines.length).toBeGreaterThan(60)
    expect(lines.length).toBeLessThan(140)
  })

  it('takes what was asked for first and leaves the seeded lines where they were', () => {
    const rates = { seed: 5, duplicateShare: 0.1 }
    const asked = new FaultPlan(rates)
    asked.askDuplicates(3)
    const plain = picked(new FaultPlan(rates), 1000)
    expect(picked(asked, 1000)).toEqual([...new Set([0, 1, 2, ...plain])])
  })

  it('makes the same broken lines for the same seed', () => {
    const [one, two] = [new FaultPlan({ seed: 9 }), new FaultPlan({ seed: 9 })]
    const lines = Array.from({ length: 20 }, () => one.malformedLine())
    expect(Array.from({ length: 20 }, () => two.malformedLine())).toEqual(lines)
    expect(new Set(lines).size).toBeGreaterThan(5)
  })
})

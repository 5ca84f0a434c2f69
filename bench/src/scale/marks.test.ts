import { describe, expect, it } from 'vitest'
import { ALL, BUSIEST, marksOf } from './marks.ts'
import { exampleCurve } from './testing.ts'

describe('marksOf', () => {
  it('has one of each kind for each point, and says whether poglog kept up', () => {
    const marks = marksOf(exampleCurve('rate', [{ x: 250 }, { x: 500, verdict: 'saturated' }]))
    expect(marks.map(({ x, us, isKept }) => [x, us, isKept])).toEqual([
      [250, 30, true],
      [250, 20, true],
      [250, 5, true],
      [250, 40, true],
      [500, 30, false],
      [500, 20, false],
      [500, 5, false],
      [500, 40, false],
    ])
    expect(new Set(marks.map(({ of }) => of))).toEqual(new Set([ALL]))
  })

  it('has the busiest replica and the busiest node besides, where their number grows', () => {
    const busiest = (['channels', 'replicas', 'nodes'] as const).map((name) =>
      marksOf(exampleCurve(name, [{}]))
        .filter(({ of }) => of === BUSIEST)
        .map(({ kind, us }) => `${kind} ${us}`),
    )
    expect(busiest).toEqual([[], ['ingest 20'], ['Redis, storing 15']])
  })
})

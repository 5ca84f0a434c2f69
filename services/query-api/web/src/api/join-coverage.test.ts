import { describe, expect, it } from 'vitest'
import { joinCoverage } from './join-coverage.ts'
import type { Coverage } from './coverage.ts'

const answer = (from: number, nextFrom: number | null): Coverage => ({
  from,
  to: from + 10,
  nextFrom,
  isComplete: false,
  coveredSeconds: 1,
  gapSeconds: 2,
  restoredSeconds: 3,
  intervals: [{ from, to: from + 5, replicas: ['a'] }],
  gaps: [{ from: from + 5, to: from + 10, cause: 'connection', restored: false }],
})

async function isComplete(first: boolean, last: boolean): Promise<boolean> {
  const whole = await joinCoverage((from = 0) =>
    Promise.resolve({
      ...answer(from, from === 0 ? 10 : null),
      isComplete: from === 0 ? first : last,
    }),
  )
  return whole.isComplete
}

describe('a coverage of many pieces', () => {
  it('is joined from where each answer says to go on', async () => {
    const whole = await joinCoverage((from = 0) =>
      Promise.resolve(answer(from, from === 0 ? 10 : null)),
    )
    expect(whole).toMatchObject({ from: 0, to: 20, nextFrom: null })
    expect(whole).toMatchObject({ coveredSeconds: 2, gapSeconds: 4, restoredSeconds: 6 })
    expect(whole.intervals.map(({ from }) => from)).toEqual([0, 10])
    expect(whole.gaps.map(({ from }) => from)).toEqual([5, 15])
  })

  it('ends somewhere, and says where to go on', async () => {
    const whole = await joinCoverage((from = 0) => Promise.resolve(answer(from, from + 10)))
    expect(whole).toMatchObject({ to: 50, nextFrom: 50 })
  })

  it('is complete only where all of it is', async () => {
    expect(await isComplete(true, true)).toBe(true)
    expect(await isComplete(true, false)).toBe(false)
    expect(await isComplete(false, true)).toBe(false)
  })
})

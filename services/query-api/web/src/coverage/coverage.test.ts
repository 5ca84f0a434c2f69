import { describe, expect, it } from 'vitest'
import type { Coverage, CoverageGap } from '../api/coverage.ts'
import { DAY_MS, HOUR_MS } from '../place/time.ts'
import { drawingOf, markAt } from './draw.ts'
import { verdictOf } from './sentence.ts'
import { byUnit, joinTiny, stretchesOf } from './stretches.ts'
import { percentText, sumOf } from './sum.ts'

const DAY = Date.UTC(2026, 10, 21)
const SECOND_MS = 1000

describe('the stretches of an answer', () => {
  it('are all of its time, in order, each of a kind', () => {
    const stretches = stretchesOf(
      coverageOf(DAY, DAY + 100, [
        gap(DAY, DAY + 10, 'unrecorded'),
        gap(DAY + 20, DAY + 30, 'connection'),
        filled(gap(DAY + 40, DAY + 50, 'connection')),
        gap(DAY + 60, DAY + 70, 'removed'),
      ]),
    )
    expect(stretches.map(({ kind }) => kind)).toEqual(
      'unlogged covered gap covered restored covered unlogged covered'.split(' '),
    )
    for (const [at, { from }] of stretches.entries()) {
      expect(from).toBe(stretches[at - 1]?.to ?? DAY)
    }
  })

  it('are cut where days change, without a loss', () => {
    const [from, to] = [DAY - 2 * HOUR_MS, DAY + DAY_MS + HOUR_MS]
    const days = byUnit(stretchesOf(coverageOf(from, to, [])), DAY_MS)
    expect([...days.keys()]).toEqual([DAY - DAY_MS, DAY, DAY + DAY_MS])
    const lengths = [...days.values()].map((day) => sumOf(day).coveredMs)
    expect(lengths).toEqual([2 * HOUR_MS, DAY_MS, HOUR_MS])
  })

  it('are joined where they could not be told apart, and nowhere else', () => {
    const gaps = [
      gap(DAY + 1000, DAY + 1010, 'connection'),
      gap(DAY + 1020, DAY + 1030, 'replica'),
      gap(DAY + 5000, DAY + 5010, 'connection'),
    ]
    const joined = joinTiny(stretchesOf(coverageOf(DAY, DAY + 10_000, gaps)), 100)
    expect(joined.map(({ kind, from, to }) => [kind, from - DAY, to - DAY])).toEqual([
      ['covered', 0, 1000],
      ['gap', 1000, 1030],
      ['covered', 1030, 5000],
      ['gap', 5000, 5010],
      ['covered', 5010, 10_000],
    ])
    expect(joined[1]).toMatchObject({ gaps: 2, causes: ['connection', 'replica'] })
  })
})

describe('what is said of a time', () => {
  it('is that all is here, from when to when', () => {
    expect(said([])).toEqual({
      standing: 'complete',
      sentence:
        'Complete: everything Twitch sent from 2026-11-21 00:00:00 to 2026-11-22 00:00:00 is here.',
      more: [],
    })
  })

  it('is how much was received, and how many gaps there are', () => {
    const verdict = said([
      gap(DAY + HOUR_MS, DAY + HOUR_MS + 30 * SECOND_MS, 'connection'),
      gap(DAY + 3 * HOUR_MS, DAY + 3 * HOUR_MS + 11 * SECOND_MS, 'replica'),
    ])
    expect(verdict.standing).toBe('gaps')
    expect(verdict.sentence).toBe('99.95% of this time was received; 2 gaps, 41 s in all.')
  })

  it('begins where logging began', () => {
    const verdict = said([gap(DAY, DAY + HOUR_MS, 'unrecorded')])
    expect(verdict.sentence).toContain('from 2026-11-21 01:00:00 to')
    expect(verdict.more).toEqual(['The time before was not logged.'])
  })

  it('does not call a time complete in the middle of which nobody logged', () => {
    const verdict = said([gap(DAY + HOUR_MS, DAY + 2 * HOUR_MS, 'removed')])
    expect(verdict.sentence).toContain('where it was logged')
    expect(verdict.more).toEqual(['Not counted: 1 h that was not logged.'])
  })

  it('is that restored gaps are no loss', () => {
    const verdict = said([filled(gap(DAY + HOUR_MS, DAY + 2 * HOUR_MS, 'replica'))])
    expect(verdict.standing).toBe('complete')
    expect(verdict.more).toEqual(['1 gap of 1 h was filled later from another log.'])
  })

  it('is that nothing was logged where nothing was', () => {
    expect(said([gap(DAY, DAY + DAY_MS, 'unrecorded')]).standing).toBe('unlogged')
  })

  it('never rounds up to all', () => {
    expect(percentText(0.999_999_9)).toBe('99.99%')
    expect(percentText(1)).toBe('100%')
    expect(percentText(0.000_001)).toBe('under 0.01%')
  })
})

describe('the drawing', () => {
  it('has a row an hour for a day, a row a day for a month, a row a month for a year', () => {
    expect(drawn(1).rows).toHaveLength(24)
    expect(drawn(35).rows).toHaveLength(35)
    expect(
      drawn(365)
        .rows.map(({ label }) => label)
        .slice(0, 2),
    ).toEqual(['Nov 2026', 'Dec 2026'])
  })

  it('puts a gap where it was', () => {
    const { rows } = drawn(7, [gap(DAY + 6 * HOUR_MS, DAY + 12 * HOUR_MS, 'connection')])
    expect(rows[0]?.text).toBe('2026-11-21: 75% received, 1 gap, 6 h')
    expect(rows[0]?.marks.map(({ start, end, look }) => [start, end, look])).toEqual([
      [0, 0.25, 'covered'],
      [0.25, 0.5, 'gap'],
      [0.5, 1, 'covered'],
    ])
    expect(rows[0]?.marks[1]?.text).toContain('the connection to Twitch was lost')
  })

  it('makes a day of a year look as bad as it was', () => {
    const gaps = [SECOND_MS, HOUR_MS, 12 * HOUR_MS].map((lengthMs, day) =>
      gap(DAY + day * DAY_MS, DAY + day * DAY_MS + lengthMs, 'connection'),
    )
    const [november] = drawn(200, gaps).rows
    expect(november?.marks.slice(0, 4).map(({ look }) => look)).toEqual(
      'gap-some gap-much gap covered'.split(' '),
    )
    expect(november?.marks[0]).toMatchObject({ start: 20 / 31, end: 21 / 31 })
    expect(november?.opens).toEqual({ fromMs: Date.UTC(2026, 10), toMs: Date.UTC(2026, 11) })
  })

  it('finds the thin gap that is meant', () => {
    const { rows } = drawn(7, [gap(DAY + 6 * HOUR_MS, DAY + 6 * HOUR_MS + 1000, 'connection')])
    const marks = rows[0]?.marks ?? []
    expect(markAt(marks, 0.252, 0.004)).toBe(1)
    expect(markAt(marks, 0.26, 0.004)).toBe(2)
    expect(markAt(marks, 0.1, 0.004)).toBe(0)
    expect(markAt(marks, 1.2, 0.004)).toBe(-1)
  })
})

function gap(from: number, to: number, cause: string): CoverageGap {
  return { from, to, cause, restored: false }
}

const filled = (one: CoverageGap): CoverageGap => ({ ...one, restored: true })

/** All time that is in no gap was received. */
function coverageOf(from: number, to: number, gaps: readonly CoverageGap[]): Coverage {
  const starts = [from, ...gaps.map((one) => one.to)]
  const ends = [...gaps.map((one) => one.from), to]
  const intervals = starts
    .map((start, at) => ({ from: start, to: ends[at] ?? to, replicas: ['a'] }))
    .filter((interval) => interval.from < interval.to)
  const sums = { coveredSeconds: 0, gapSeconds: 0, restoredSeconds: 0 }
  const isComplete = gaps.length === 0
  return { from, to, nextFrom: null, intervals, gaps: [...gaps], isComplete, ...sums }
}

const said = (gaps: readonly CoverageGap[]) =>
  verdictOf(stretchesOf(coverageOf(DAY, DAY + DAY_MS, gaps)))

const drawn = (days: number, gaps: readonly CoverageGap[] = []) =>
  drawingOf(stretchesOf(coverageOf(DAY, DAY + days * DAY_MS, gaps)))

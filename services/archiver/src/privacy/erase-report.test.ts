import { describe, expect, it } from 'vitest'
import { EMPTY_REPORT, reportOf, withSegment, withUnreadable } from './erase-report.ts'

const WHAT = { records: 2, userRecords: 0, wordRows: 0 }

describe('the report of an erasure', () => {
  it('goes on from what an earlier run has noted', () => {
    const noted = withSegment({ ...EMPTY_REPORT, hotEntries: 3 }, { ...WHAT, key: 'a' })
    const report = withSegment(reportOf({ report: JSON.stringify(noted) }), { ...WHAT, key: 'b' })
    expect(report).toMatchObject({ hotEntries: 3, records: 4, segments: 2, keys: ['a', 'b'] })
  })

  it.each([undefined, '', '{', 'null', '{}', JSON.stringify({ ...EMPTY_REPORT, records: -1 })])(
    'begins anew where %j was noted (S1)',
    (report) => {
      expect(reportOf({ report })).toEqual(EMPTY_REPORT)
    },
  )

  it('stays short enough to be noted, and counts all the same', () => {
    let report = EMPTY_REPORT
    for (let n = 0; n < 5100; n += 1) report = withSegment(report, { ...WHAT, key: `key ${n}` })
    expect(report.segments).toBe(5100)
    expect(report.keys).toHaveLength(5000)
    const key = 'k'.repeat(100)
    for (let n = 0; n < 3000; n += 1) report = withUnreadable(report, `${key} ${n}`)
    expect(report.unreadable).toHaveLength(1000)
    expect(JSON.stringify(withUnreadable(report, `${key} 0`)).length).toBeLessThan(1_000_000)
  })
})

import { describe, expect, it } from 'vitest'
import { describeProgress, report } from './report.ts'
import { newTally } from './tally.ts'

const COUNTS = { read: 8, equal: 1, known: 2, erased: 0, optedOut: 5 }
const STORED = { ...COUNTS, stored: 4, appended: 1, days: 2 }

function progress() {
  const tally = { ...newTally(), lines: 1010, skipped: 2, untimed: 1 }
  tally.rejected.set('malformed', 3)
  return {
    unitsTotal: 4,
    units: 2,
    unitsKnown: 1,
    readBytes: 50,
    totalBytes: 100,
    tally,
    stored: STORED,
    storing: undefined,
  }
}

describe('report', () => {
  it('tells what became of every line', () => {
    const text = report(progress(), { seconds: 2, failed: 1, rejectFile: 'r.ndjson', leftOut: 0 })
    expect(text.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'read 1,010 lines of 3 sources',
      'stored 4 records in 2 shard days',
      'known 2 were in the log',
      'equal 1 came more than once',
      'rejected 3 malformed 3',
      'skipped 2 are no chat (JOIN, PING, ...) or not asked for',
      'appended 1 of the last two hours, to hot',
      'opted out 5 of who is not to be logged',
      'untimed 1 took the time of the line before',
      'took 2.0 s, 505 lines/s',
      '1 source not read: imported before and unchanged (--again reads them)',
      'rejected lines, and why: r.ndjson',
      '1 source could not be read to the end: see above',
    ])
  })

  it('shows how far it is', () => {
    const now = progress()
    expect(describeProgress(now, 2)).toBe(
      'reading [############------------]  50 % 2 of 4, 1,010 lines, 505/s',
    )
    expect(describeProgress({ ...now, storing: { done: 3, total: 4 } }, 2)).toBe(
      'storing [##################------]  75 % 3 of 4 records',
    )
  })
})

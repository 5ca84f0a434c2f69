import type { SegmentEntry } from '@poglog/hot-store'
import { segmentKey } from '@poglog/log-format'
import { ulid } from 'ulid'
import { describe, expect, it } from 'vitest'
import { absorbedRuns, dueFolds, dueWordFolds, foldInputs } from './due-folds.ts'
import type { FoldFacts } from './due-folds.ts'
import { DAY_MS, HOUR_MS, monthEnd } from '../period.ts'

const MONTH = Date.UTC(2026, 10)
const LATER = MONTH + 60 * DAY_MS
const QUIET = { quietMs: 900_000 }

describe('dueFolds', () => {
  it('leaves an open month alone until seven days of runs wait', () => {
    expect(dueFolds(open(runs(6)), QUIET)).toEqual([])
    const [due, ...others] = dueFolds(open(runs(7)), QUIET)
    expect(others).toEqual([])
    expect(due).toMatchObject({ monthMs: MONTH, users: 0, folds: [] })
    expect(due?.runs).toHaveLength(7)
  })

  it('counts days, not runs, and does not count those that a fold holds', () => {
    const twice = [...runs(6), ...runs(6, 50)]
    expect(dueFolds(open(twice), QUIET)).toEqual([])
    const facts = open(runs(7))
    const view = { folds: [], absorbed: new Set(['0:1']) }
    expect(dueFolds({ ...facts, view }, QUIET)).toEqual([])
    expect(absorbedRuns({ ...facts, view })).toHaveLength(1)
  })

  it('folds an open month by levels: earlier folds stay as they are', () => {
    const view = { folds: [fold(90)], absorbed: new Set<string>() }
    const [due] = dueFolds({ ...open(runs(7)), view }, QUIET)
    expect(due?.folds).toEqual([])
  })

  it('makes one fold of a closed month, and is then done with it', () => {
    const view = { folds: [fold(90)], absorbed: new Set<string>() }
    const [due] = dueFolds({ ...closed(runs(2)), view }, QUIET)
    expect(due?.folds).toEqual([fold(90)])
    expect(due?.runs).toHaveLength(2)
    expect(dueFolds({ ...closed(runs(1)) }, QUIET)).toHaveLength(1)
    expect(dueFolds({ ...closed([]), view }, QUIET)).toEqual([])
    const two = { folds: [fold(90), fold(91)], absorbed: new Set<string>() }
    expect(dueFolds({ ...closed([]), view: two }, QUIET)).toHaveLength(1)
  })

  it('takes a month for open while one shard has not sealed or not compacted it', () => {
    const facts = closed(runs(2))
    const late = { shard: 1, boundaryMs: monthEnd(MONTH) - 1, segments: [] }
    expect(dueFolds({ ...facts, shards: [...facts.shards, late] }, QUIET)).toEqual([])
    const uncompacted = { shard: 1, boundaryMs: LATER, segments: [hour()] }
    expect(dueFolds({ ...facts, shards: [...facts.shards, uncompacted] }, QUIET)).toEqual([])
    const policy = { ...QUIET, closed: new Set([MONTH]) }
    expect(dueFolds({ ...facts, shards: [...facts.shards, uncompacted] }, policy)).toHaveLength(1)
  })

  it('waits while runs are still coming in', () => {
    const fresh = { ...runs(1)[0], ...entry({ number: 40, writtenMs: LATER - 1000 }) }
    expect(dueFolds(closed([...runs(2), fresh]), QUIET)).toEqual([])
    expect(dueFolds(closed([...runs(2), fresh]), { quietMs: 500 })).toHaveLength(1)
  })

  it('keeps months and user shards apart', () => {
    const next = entry({ number: 60, arrivalFromMs: monthEnd(MONTH) })
    const other = entry({ number: 61, users: 3 })
    const due = dueFolds(closed([...runs(2), next, other]), QUIET)
    expect(due.map(({ monthMs, users }) => [monthMs, users])).toEqual([
      [MONTH, 0],
      [MONTH, 3],
    ])
  })
})

describe('foldInputs', () => {
  it('gives all there is, due or not', () => {
    expect(foldInputs(open(runs(2)), MONTH, 0).runs).toHaveLength(2)
    expect(foldInputs(open(runs(2)), MONTH, 1).runs).toEqual([])
  })
})

describe('dueWordFolds', () => {
  it('folds seven days of an open month, and all of a closed one', () => {
    const days = runs(7).map((run) => wordsOf(run, 'day'))
    const facts = { shard: 0, nowMs: LATER }
    const openShard = { ...facts, boundaryMs: MONTH + DAY_MS }
    expect(dueWordFolds({ ...openShard, segments: days.slice(1) }, QUIET)).toEqual([])
    expect(dueWordFolds({ ...openShard, segments: days }, QUIET)).toHaveLength(1)
    const closedShard = { ...facts, boundaryMs: LATER }
    expect(dueWordFolds({ ...closedShard, segments: days.slice(5) }, QUIET)).toHaveLength(1)
    const folded = days.slice(0, 1).map((day) => wordsOf(day, 'fold'))
    expect(dueWordFolds({ ...closedShard, segments: folded }, QUIET)).toEqual([])
  })
})

function open(segments: readonly SegmentEntry[]): FoldFacts {
  return factsOf(segments, MONTH + 20 * DAY_MS)
}

function closed(segments: readonly SegmentEntry[]): FoldFacts {
  return factsOf(segments, monthEnd(MONTH))
}

function factsOf(segments: readonly SegmentEntry[], boundaryMs: number): FoldFacts {
  const view = { folds: [], absorbed: new Set<string>() }
  return { shards: [{ shard: 0, boundaryMs, segments }], view, nowMs: LATER }
}

function wordsOf(run: SegmentEntry, level: 'day' | 'fold'): SegmentEntry {
  return { ...run, projection: 'words', level, users: undefined }
}

function runs(days: number, above = 0): SegmentEntry[] {
  return Array.from({ length: days }, (_, day) =>
    entry({ number: above + day + 1, arrivalFromMs: MONTH + day * DAY_MS }),
  )
}

function fold(number: number): SegmentEntry {
  return { ...entry({ number }), level: 'fold' }
}

function hour(): SegmentEntry {
  return { ...entry({ number: 80 }), projection: 'by-channel', level: 'hour', users: undefined }
}

const ULID_TAIL = ulid(0).slice(10)

function entry(parts: {
  number: number
  arrivalFromMs?: number
  writtenMs?: number
  users?: number
}): SegmentEntry {
  const { number, arrivalFromMs = MONTH, writtenMs = MONTH, users = 0 } = parts
  const arrivalToMs = arrivalFromMs + HOUR_MS
  const identity = { shard: 0, shards: 8, number, users, arrivalFromMs, arrivalToMs }
  const key = segmentKey(
    { ...identity, projection: 'by-user', level: 'run' },
    ulid(writtenMs).slice(0, 10) + ULID_TAIL,
  )
  return {
    number,
    key,
    sizeBytes: 1,
    projection: 'by-user',
    level: 'run',
    users,
    arrivalFromMs,
    arrivalToMs,
    sentMinMs: 0,
    sentMaxMs: 0,
    records: 1,
    digest: '0'.repeat(32),
  }
}

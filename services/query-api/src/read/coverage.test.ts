import type { LedgerEntry } from '@poglog/log-format'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LEDGER_LOOK_MS } from './coverage-claims.ts'
import type { LiveReplica } from './coverage-claims.ts'
import { coverageOf } from './coverage.ts'
import type { Coverage, CoverageQuery } from './coverage.ts'

const BIG = { channelId: '10', login: 'big' }
const A1 = { ...BIG, replica: 'a', run: 'r1' }
const A2 = { ...BIG, replica: 'a', run: 'r2' }
const B1 = { ...BIG, replica: 'b', run: 'r1' }
type Run = typeof A1

const joined = (run: Run, atMs: number): LedgerEntry => ({ kind: 'joined', ...run, atMs })
const here = (run: Run, sinceMs: number, atMs: number): LedgerEntry => ({
  kind: 'here',
  ...run,
  sinceMs,
  atMs,
})
const lost = (run: Run, sinceMs: number | undefined, atMs: number): LedgerEntry => ({
  kind: 'lost',
  ...run,
  sinceMs,
  atMs,
  cause: sinceMs === undefined ? 'replica' : 'connection',
})
const parted = (run: Run, sinceMs: number, atMs: number): LedgerEntry => ({
  kind: 'parted',
  ...run,
  sinceMs,
  atMs,
  cause: 'moved',
})
const gap = (run: Run, span: readonly [number, number], lines = 1): LedgerEntry => ({
  kind: 'gap',
  ...run,
  fromMs: span[0],
  atMs: span[1],
  cause: 'dropped',
  lines,
})
const restored = (fromMs: number, atMs: number): LedgerEntry => ({
  kind: 'restored',
  ...BIG,
  fromMs,
  atMs,
  source: 'logs.example.org',
})

function cover(entries: readonly LedgerEntry[], changes: Partial<CoverageQuery> = {}): Coverage {
  const query = { fromMs: 0, toMs: 100, nowMs: 100, live: [], piecesMax: 1000 }
  return coverageOf(entries, { ...query, ...changes })
}

/** Intervals and gaps in one line, in order. */
function told(coverage: Coverage): string {
  const gaps = coverage.gaps.map(({ cause, lines, isRestored, ...span }) => ({
    ...span,
    text: `${cause}${lines > 0 ? ` ${lines}` : ''}${isRestored ? ' restored' : ''}`,
  }))
  const intervals = coverage.intervals.map(({ replicas, ...span }) => ({
    ...span,
    text: replicas.join('+'),
  }))
  return [...gaps, ...intervals]
    .toSorted((left, right) => left.fromMs - right.fromMs)
    .map(({ fromMs, toMs, text }) => `${fromMs}-${toMs} ${text}`)
    .join(', ')
}

describe('the coverage of a channel', () => {
  it.each<readonly [string, readonly LedgerEntry[], string]>([
    ['is unrecorded where nobody was there', [], '0-100 unrecorded'],
    [
      'is what a replica says at its end',
      [joined(A1, 10), parted(A1, 10, 40)],
      '0-10 unrecorded, 10-40 a, 40-100 moved',
    ],
    [
      'needs no record but the last',
      [lost(A1, 10, 40)],
      '0-10 unrecorded, 10-40 a, 40-100 connection',
    ],
    [
      'has no hole where one joins before the other parts (make before break)',
      [joined(A1, -5), joined(B1, 30), parted(A1, -5, 40), parted(B1, 30, 100)],
      '0-30 a, 30-40 a+b, 40-100 b',
    ],
    [
      'has a gap from the loss to the next join, with the cause of the loss',
      [joined(A1, 0), lost(A1, 0, 30), joined(B1, 55), parted(B1, 55, 100)],
      '0-30 a, 30-55 connection, 55-100 b',
    ],
    [
      'ends for a dead replica where its successor says',
      [here(A1, -50, 20), lost(A1, undefined, 60), joined(B1, 70), parted(B1, 70, 100)],
      '0-60 a, 60-70 replica, 70-100 b',
    ],
    [
      'has what was written for a dead replica twice once',
      [here(A1, -50, 20), lost(A1, undefined, 60), lost(A1, undefined, 60)],
      '0-60 a, 60-100 replica',
    ],
    [
      'goes on when a replica that was taken for dead says so',
      [joined(A1, 0), lost(A1, undefined, 30), here(A1, 0, 80)],
      '0-80 a, 80-100 unrecorded',
    ],
    [
      'claims nothing beyond the last record where the end is missing',
      [joined(A1, 0), here(A1, 0, 70)],
      '0-70 a, 70-100 unrecorded',
    ],
    [
      'claims nothing between two joins without an end',
      [joined(A1, 0), joined(A1, 50), parted(A1, 50, 100)],
      '0-50 unrecorded, 50-100 a',
    ],
    [
      'is less the lines that were dropped',
      [gap(A1, [30, 39], 7), parted(A1, 0, 100)],
      '0-30 a, 30-40 dropped 7, 40-100 a',
    ],
    [
      'has a dropped line where another replica stored it',
      [gap(A1, [30, 39], 7), parted(A1, 0, 100), parted(B1, 0, 100)],
      '0-30 a+b, 30-40 b, 40-100 a+b',
    ],
    [
      'lacks what a later run of the same replica found damaged',
      [parted(A1, 0, 50), gap(A2, [20, 29], 0), parted(A2, 50, 100)],
      '0-20 a, 20-30 dropped, 30-100 a',
    ],
    [
      'tells restored time apart',
      [parted(A1, 0, 20), restored(30, 59), parted(B1, 80, 100)],
      '0-20 a, 20-30 moved, 30-60 moved restored, 60-80 moved, 80-100 b',
    ],
    [
      'tells the lines of overlapping gaps once',
      [gap(A1, [10, 39], 2), gap(B1, [20, 59], 3)],
      '0-10 unrecorded, 10-60 dropped 5, 60-100 unrecorded',
    ],
    [
      'ends when a channel is lost in the millisecond it was joined',
      [joined(A1, 10), lost(A1, 10, 10)],
      '0-10 unrecorded, 10-100 connection',
    ],
    [
      'goes on when a channel is joined in the millisecond it was lost',
      [joined(A1, 0), lost(A1, 0, 10), joined(A1, 10), lost(A1, undefined, 90)],
      '0-90 a, 90-100 replica',
    ],
  ])('%s (I1)', (_, entries, expected) => {
    expect(told(cover(entries))).toBe(expected)
    expect(told(cover(entries.toReversed()))).toBe(expected)
  })

  it('takes no end for one that comes too late after the last record', () => {
    const range = { toMs: 2 * LEDGER_LOOK_MS, nowMs: 2 * LEDGER_LOOK_MS }
    const inTime = [joined(A1, 0), lost(A1, undefined, LEDGER_LOOK_MS)]
    expect(cover(inTime, range).intervals).toMatchObject([{ toMs: LEDGER_LOOK_MS }])
    expect(
      cover([joined(A1, 0), lost(A1, undefined, LEDGER_LOOK_MS + 1)], range).intervals,
    ).toEqual([])
  })
})

const liveA1 = (changes: Partial<LiveReplica> = {}): { live: readonly LiveReplica[] } => ({
  live: [{ replica: 'a', run: 'r1', coveredMs: 90, ...changes }],
})

describe('the time that is not over', () => {
  it('is told up to what live replicas have stored', () => {
    const coverage = cover([joined(A1, 20)], liveA1())
    expect(told(coverage)).toBe('0-20 unrecorded, 20-90 a')
    expect(coverage).toMatchObject({ fromMs: 0, toMs: 90, isCut: false })
  })

  it('is told up to now where nobody receives the channel', () => {
    for (const alive of [liveA1({ run: 'r9' }), liveA1({ replica: 'b' })]) {
      expect(told(cover([joined(A1, 20)], alive))).toBe('0-100 unrecorded')
    }
    expect(told(cover([lost(A1, 0, 20)], { ...liveA1(), nowMs: 60 }))).toBe(
      '0-20 a, 20-60 connection',
    )
  })

  it('is the time of the record where nothing else is known', () => {
    expect(told(cover([joined(A1, 20)], liveA1({ coveredMs: undefined })))).toBe('0-20 unrecorded')
    expect(cover([joined(A1, 20)], { ...liveA1({ coveredMs: 15 }), fromMs: 30 })).toMatchObject({
      fromMs: 30,
      toMs: 30,
      gaps: [],
    })
  })
})

describe('too many pieces', () => {
  it('end the answer where the next one begins', () => {
    const entries = [parted(A1, 10, 20), parted(A1, 30, 40), parted(A1, 50, 60)]
    const first = cover(entries, { piecesMax: 3 })
    expect(told(first)).toBe('0-10 unrecorded, 10-20 a, 20-30 moved')
    expect(first).toMatchObject({ toMs: 30, isCut: true })
    const rest = cover(entries, { piecesMax: 4, fromMs: 30 })
    expect(told(rest)).toBe('30-40 a, 40-50 moved, 50-60 a, 60-100 moved')
    expect(rest.isCut).toBe(false)
  })
})

/** One run's life: pieces of presence at rising times, each ended in one way or another. */
const life = (run: Run) =>
  fc
    .array(
      fc.record({
        waits: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
        begin: fc.boolean(),
        check: fc.boolean(),
        end: fc.constantFrom('parted', 'lost', 'replica', 'none'),
      }),
      { maxLength: 4 },
    )
    .map((parts) => {
      const entries: LedgerEntry[] = []
      let atMs = -10
      for (const { waits, begin, check, end } of parts) {
        const sinceMs = (atMs += waits[0])
        if (begin) entries.push(joined(run, sinceMs))
        if (check) entries.push(here(run, sinceMs, (atMs += waits[1])))
        atMs += waits[1]
        if (end === 'parted') entries.push(parted(run, sinceMs, atMs))
        if (end === 'lost') entries.push(lost(run, sinceMs, atMs))
        if (end === 'replica') entries.push(lost(run, undefined, atMs))
      }
      return entries
    })
const someGaps = fc.array(
  fc
    .tuple(fc.constantFrom(A1, A2, B1), fc.integer({ min: -5, max: 60 }), fc.nat(8), fc.nat(3))
    .map(([run, fromMs, length, lines]) => gap(run, [fromMs, fromMs + length], lines)),
  { maxLength: 3 },
)
const someRestored = fc.array(
  fc
    .tuple(fc.integer({ min: -5, max: 60 }), fc.nat(20))
    .map(([fromMs, length]) => restored(fromMs, fromMs + length)),
  { maxLength: 2 },
)
const ledger = fc
  .tuple(life(A1), life(A2), life(B1), someGaps, someRestored)
  .map((parts) => parts.flat())

/** Who covers one millisecond, by looking at every record. */
function coveredBy(
  atMs: number,
  entries: readonly LedgerEntry[],
  live: readonly LiveReplica[],
): string[] {
  const isMissing = (replica: string): boolean =>
    entries.some(
      (entry) =>
        entry.kind === 'gap' &&
        entry.replica === replica &&
        entry.fromMs <= atMs &&
        atMs <= entry.atMs,
    )
  const names = [A1, A2, B1]
    .filter((run) => isClaimed(atMs, entriesOf(run, entries), live))
    .map(({ replica }) => replica)
  return [...new Set(names)].filter((replica) => !isMissing(replica)).toSorted()
}

function entriesOf({ replica, run }: Run, entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  return entries.filter(
    (entry) =>
      'run' in entry && entry.kind !== 'gap' && entry.replica === replica && entry.run === run,
  )
}

/** `own` are in order: a life's times rise. */
function isClaimed(
  atMs: number,
  own: readonly LedgerEntry[],
  live: readonly LiveReplica[],
): boolean {
  return own.some((entry, index) => {
    if (
      'sinceMs' in entry &&
      entry.sinceMs !== undefined &&
      entry.sinceMs <= atMs &&
      atMs < entry.atMs
    ) {
      return true
    }
    if ((entry.kind !== 'joined' && entry.kind !== 'here') || atMs < entry.atMs) return false
    const next = own[index + 1]
    if (next !== undefined)
      return next.kind === 'lost' && next.sinceMs === undefined && atMs < next.atMs
    const alive = live.find(({ replica, run }) => replica === entry.replica && run === entry.run)
    return alive?.coveredMs !== undefined && atMs < alive.coveredMs
  })
}

it('says of every millisecond what looking at every record says (I1)', () => {
  const coveredMs = fc.integer({ min: 40, max: 80 })
  fc.assert(
    fc.property(ledger, fc.option(coveredMs, { nil: undefined }), (entries, aliveMs) => {
      const live = aliveMs === undefined ? [] : [{ replica: 'a', run: 'r2', coveredMs: aliveMs }]
      const { fromMs, toMs, intervals, gaps } = cover(entries, { toMs: 80, live })
      const pieces = [...intervals, ...gaps].toSorted((left, right) => left.fromMs - right.fromMs)
      let endMs = fromMs
      for (const piece of pieces) {
        expect(piece.fromMs).toBe(endMs)
        endMs = piece.toMs
      }
      expect(endMs).toBe(toMs)
      for (let atMs = fromMs; atMs < toMs; atMs += 1) {
        const piece = pieces.find((one) => one.fromMs <= atMs && atMs < one.toMs)
        const replicas = coveredBy(atMs, entries, live)
        expect(piece && 'replicas' in piece ? piece.replicas : []).toEqual(replicas)
        if (piece === undefined || 'replicas' in piece) continue
        const holding = entries.filter(
          (entry) => 'fromMs' in entry && entry.fromMs <= atMs && atMs <= entry.atMs,
        )
        expect(piece.isRestored).toBe(holding.some(({ kind }) => kind === 'restored'))
        expect(piece.cause === 'dropped').toBe(holding.some(({ kind }) => kind === 'gap'))
      }
    }),
    { numRuns: 500 },
  )
})

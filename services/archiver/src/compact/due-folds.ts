import type { SegmentEntry, UsersView } from '@poglog/hot-store'
import { parseSegmentKey } from '@poglog/log-format'
import { decodeTime } from 'ulid'
import { DAY_MS, monthEnd, monthStart, periodStart } from '../period.ts'

/** An open month is folded when so many days wait: then a month has at most 5 folds and 6 days of runs. */
const OPEN_MONTH_DAYS = 7

/** A shard's boundary, read first, and its manifest. */
export interface ShardFacts {
  readonly shard: number
  readonly boundaryMs: number
  readonly segments: readonly SegmentEntry[]
}

export interface FoldFacts {
  readonly shards: readonly ShardFacts[]
  readonly view: Pick<UsersView, 'folds' | 'absorbed'>
  /** Redis time. */
  readonly nowMs: number
}

export interface FoldPolicy {
  /** How old a month's newest segment must be: an import may be adding more. Milliseconds. */
  readonly quietMs: number
  /** Months that count as closed though more may come, each its first millisecond. */
  readonly closed?: ReadonlySet<number> | undefined
  /** Whether a segment could not be read a while ago: its month waits. Default: none. */
  readonly isSetAside?: ((key: string) => boolean) | undefined
}

/** What the archiver goes by. */
export const FOLD_POLICY: FoldPolicy = { quietMs: 15 * 60_000 }

/** A run in the manifest of its channel shard. */
export interface Run {
  readonly shard: number
  readonly entry: SegmentEntry
}

/** What becomes one fold: a month's records of one user shard. `monthMs` is the month's first millisecond, UTC. */
export interface FoldInputs {
  readonly monthMs: number
  readonly users: number
  readonly folds: readonly SegmentEntry[]
  readonly runs: readonly Run[]
}

/** What becomes one fold of words: a month's counts of one channel shard. */
export interface WordFoldInputs {
  readonly monthMs: number
  readonly shard: number
  readonly inputs: readonly SegmentEntry[]
}

/**
 * The folds that are due, oldest month first. A month that is closed (all its arrivals sealed and compacted, in every
 * shard) becomes one fold a user shard; in an open one the runs are folded when 7 days of them wait.
 */
export function dueFolds(facts: FoldFacts, policy: FoldPolicy): FoldInputs[] {
  const due: FoldInputs[] = []
  for (const inputs of allFolds(facts)) {
    const { monthMs, folds, runs } = inputs
    const entries = [...folds, ...runs.map(({ entry }) => entry)]
    if (!isQuiet(entries, facts.nowMs, policy)) continue
    if (isClosed(monthMs, facts.shards, policy)) {
      if (entries.length > 1 || runs.length > 0) due.push(inputs)
    } else if (days(runs.map(({ entry }) => entry)) >= OPEN_MONTH_DAYS) {
      due.push({ ...inputs, folds: [] })
    }
  }
  return due
}

/** Everything that a month and user shard has, due or not. */
export function foldInputs(facts: FoldFacts, monthMs: number, users: number): FoldInputs {
  const found = allFolds(facts).find((each) => each.monthMs === monthMs && each.users === users)
  return found ?? { monthMs, users, folds: [], runs: [] }
}

/** The runs that folds hold and that their shards' manifests still name. */
export function absorbedRuns({ shards, view }: Pick<FoldFacts, 'shards' | 'view'>): Run[] {
  return shards.flatMap(({ shard, segments }) =>
    segments
      .filter((entry) => isRun(entry) && view.absorbed.has(`${shard}:${entry.number}`))
      .map((entry) => ({ shard, entry })),
  )
}

/** As {@link dueFolds}, for the word counts of one channel shard; a closed month is one whose arrivals are behind it there. */
export function dueWordFolds(
  facts: ShardFacts & Pick<FoldFacts, 'nowMs'>,
  policy: FoldPolicy,
): WordFoldInputs[] {
  const due: WordFoldInputs[] = []
  for (const month of allWordFolds(facts)) {
    if (!isQuiet(month.inputs, facts.nowMs, policy)) continue
    const waiting = month.inputs.filter(({ level }) => level !== 'fold')
    if (isClosed(month.monthMs, [facts], policy)) {
      if (month.inputs.length > 1 || waiting.length > 0) due.push(month)
    } else if (days(waiting) >= OPEN_MONTH_DAYS) {
      due.push({ ...month, inputs: waiting })
    }
  }
  return due
}

/** Everything that a month's word counts in a channel shard are made of, due or not. */
export function wordFoldInputs(facts: ShardFacts, monthMs: number): WordFoldInputs {
  const found = allWordFolds(facts).find((month) => month.monthMs === monthMs)
  return found ?? { monthMs, shard: facts.shard, inputs: [] }
}

function allFolds({ shards, view }: FoldFacts): FoldInputs[] {
  const found = new Map<
    string,
    { monthMs: number; users: number; folds: SegmentEntry[]; runs: Run[] }
  >()
  const of = (entry: SegmentEntry) => {
    const monthMs = monthStart(entry.arrivalFromMs)
    const users = entry.users ?? 0
    const id = `${monthMs} ${users}`
    const known = found.get(id) ?? { monthMs, users, folds: [], runs: [] }
    found.set(id, known)
    return known
  }
  for (const fold of view.folds) of(fold).folds.push(fold)
  for (const { shard, segments } of shards) {
    for (const entry of segments) {
      if (!isRun(entry) || view.absorbed.has(`${shard}:${entry.number}`)) continue
      of(entry).runs.push({ shard, entry })
    }
  }
  return [...found.values()].toSorted(
    (left, right) => left.monthMs - right.monthMs || left.users - right.users,
  )
}

function allWordFolds({ shard, segments }: ShardFacts): WordFoldInputs[] {
  const months = new Map<number, SegmentEntry[]>()
  for (const entry of segments) {
    if (entry.projection !== 'words') continue
    const monthMs = monthStart(entry.arrivalFromMs)
    months.set(monthMs, [...(months.get(monthMs) ?? []), entry])
  }
  return [...months]
    .map(([monthMs, inputs]) => ({ monthMs, shard, inputs }))
    .toSorted((left, right) => left.monthMs - right.monthMs)
}

const isRun = ({ projection, level }: SegmentEntry): boolean =>
  projection === 'by-user' && level === 'run'

function days(entries: readonly SegmentEntry[]): number {
  return new Set(entries.map(({ arrivalFromMs }) => periodStart(arrivalFromMs, DAY_MS))).size
}

function isQuiet(
  entries: readonly SegmentEntry[],
  nowMs: number,
  { quietMs, isSetAside }: FoldPolicy,
): boolean {
  return entries.every(({ key }) => {
    if (isSetAside?.(key) === true) return false
    const ulid = parseSegmentKey(key)?.ulid
    return ulid === undefined || decodeTime(ulid) <= nowMs - quietMs
  })
}

/** Whether nothing of a month is still to come: all of it is sealed and compacted. */
function isClosed(monthMs: number, shards: readonly ShardFacts[], { closed }: FoldPolicy): boolean {
  if (closed?.has(monthMs) === true) return true
  const endMs = monthEnd(monthMs)
  return shards.every(
    ({ boundaryMs, segments }) =>
      boundaryMs >= endMs &&
      !segments.some(
        ({ projection, level, arrivalFromMs }) =>
          projection === 'by-channel' && level === 'hour' && monthStart(arrivalFromMs) === monthMs,
      ),
  )
}

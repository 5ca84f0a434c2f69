import { HotStoreError } from '@poglog/hot-store'
import type { CommitResult, Freeze, SegmentEntry } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { collectWindow } from './collect-window.ts'
import type { ArchiveDeps } from './deps.ts'
import { dropKnown } from './drop-known.ts'
import { HOUR_MS, periodStart } from './period.ts'
import { toRecords } from './to-records.ts'
import { writeSegment } from './write-segment.ts'
import type { SegmentPlan } from './write-segment.ts'

/** A commit whose reply was lost is sent again this often: Redis may take seconds to come back. */
const COMMIT_ATTEMPTS = 6
const COMMIT_DELAY_MS = 200

/** What one window of a shard became. */
export type WindowResult =
  /** The boundary moved to `boundaryMs`; `segment` is `undefined` when there was nothing new to store. */
  | {
      readonly kind: 'moved'
      readonly boundaryMs: number
      readonly segment: SegmentEntry | undefined
      readonly entries: number
      /** Entries that were equal to another one of the window. */
      readonly equal: number
      /** Records that an earlier segment holds. */
      readonly known: number
    }
  /** Another sealer had already moved the boundary to the target or beyond it. */
  | { readonly kind: 'passed'; readonly boundaryMs: number }
  /** Another sealer was here, or a failover: nothing was changed but the floor. */
  | { readonly kind: 'refused'; readonly at: 'check' | 'commit' }

export interface WindowTarget {
  readonly shard: number
  /** Arrival up to which the shard is frozen; the window may end earlier. */
  readonly targetMs: number
  /** The time of day, milliseconds since the Unix epoch. */
  readonly nowMs: number
}

/**
 * Moves the first hour that a shard's hot part holds (or its first `recordsMax` records) into one
 * segment: freeze, check, read, write, prove, commit.
 *
 * Invariants A1 and A2: the boundary moves in the same script that names the segment, and only when
 * nobody else froze or committed since our freeze; records below it were in the segment before, and
 * the freeze let none arrive below it since. A crash at any point leaves an object that nobody names at
 * worst, and running it again is always safe.
 *
 * @throws {HotStoreError} the boundary stands where it was, or (commit) the outcome is unknown.
 * @throws {ObjectStoreError} the boundary stands where it was.
 * @throws {SegmentError} what was read back differs; the boundary stands where it was.
 */
export async function sealWindow(target: WindowTarget, deps: ArchiveDeps): Promise<WindowResult> {
  const { hot, events, signal } = deps
  const freeze = await hot.freeze(target.shard, target.targetMs)
  if (freeze.boundaryMs >= freeze.cutMs) return { kind: 'passed', boundaryMs: freeze.boundaryMs }
  if (!(await hot.check(freeze))) return { kind: 'refused', at: 'check' }

  const { sorted, entries, cutMs, earliestMs } = await readWindow(freeze, deps)
  signal?.throwIfAborted()
  if (sorted.unparsed > 0) events.unparsed(target.shard, sorted.unparsed)

  const segments = entries === 0 ? [] : await hot.manifest(target.shard)
  const records = await dropKnown(sorted.records, segments, deps)
  let segment: SegmentEntry | undefined
  if (records.length > 0 && earliestMs !== undefined) {
    // The hours before the first entry were empty; they belong to no segment.
    const arrivalFromMs = Math.max(freeze.boundaryMs, periodStart(earliestMs, HOUR_MS))
    const plan = { freeze, arrivalFromMs, arrivalToMs: cutMs, records, nowMs: target.nowMs }
    const written = await writeUnlessSwept(plan, deps)
    if (written === 'swept') return { kind: 'refused', at: 'commit' }
    segment = written
  }

  const committed = await commit(freeze, { cutMs, segment, records: entries }, deps)
  if (committed === 'already') events.commitRepeated(target.shard)
  if (committed === 'stale') return { kind: 'refused', at: 'commit' }
  return {
    kind: 'moved',
    boundaryMs: cutMs,
    segment,
    entries,
    equal: sorted.equal,
    known: sorted.records.length - records.length,
  }
}

/** Reads a window and keeps only its records, so that the entries they came from can be let go. */
async function readWindow(freeze: Freeze, deps: ArchiveDeps) {
  const { channels, entries, cutMs, earliestMs } = await collectWindow(freeze, deps)
  return { sorted: toRecords(channels), entries, cutMs, earliestMs }
}

/** A sealer that slept for a day finds its object swept: another one has committed its number since. */
async function writeUnlessSwept(
  plan: SegmentPlan,
  deps: ArchiveDeps,
): Promise<SegmentEntry | 'swept'> {
  try {
    return await writeSegment(plan, deps)
  } catch (error) {
    const isGone = error instanceof SegmentError && error.kind === 'missing'
    if (isGone && !(await deps.hot.check(plan.freeze))) return 'swept'
    throw error
  }
}

/**
 * The one step that is repeated here and not by the queue: after a lost reply only the same commit can
 * tell whether it took place; a new job would write the segment again.
 */
async function commit(
  freeze: Freeze,
  change: Parameters<ArchiveDeps['hot']['commit']>[1],
  { hot, sleep, signal }: ArchiveDeps,
): Promise<CommitResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await hot.commit(freeze, change)
    } catch (error) {
      const isUnknown = error instanceof HotStoreError && error.kind === 'unavailable'
      if (!isUnknown || attempt === COMMIT_ATTEMPTS || signal?.aborted === true) throw error
      await sleep(COMMIT_DELAY_MS * attempt)
    }
  }
}

import type { Freeze, SegmentEntry } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { collectWindow } from './collect-window.ts'
import type { ArchiveDeps } from '../deps.ts'
import { dropKnown } from './drop-known.ts'
import { NOBODY, isErased } from '../privacy/is-erased.ts'
import { HOUR_MS, periodStart } from '../period.ts'
import { toRecords } from './to-records.ts'
import { untilKnown } from '../compact/until-known.ts'
import { writeSegment } from './write-segment.ts'
import type { SegmentPlan } from './write-segment.ts'

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
      /** Records of users who asked to be erased. */
      readonly erased: number
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
  return await deps.step('window', async (note) => {
    const window = await move(target, deps)
    note({ 'poglog.outcome': window.kind })
    if (window.kind === 'moved') note({ 'poglog.records': window.segment?.records ?? 0 })
    return window
  })
}

async function move(target: WindowTarget, deps: ArchiveDeps): Promise<WindowResult> {
  const { hot, events, signal, step } = deps
  const freeze = await step('freeze', () => hot.freeze(target.shard, target.targetMs))
  if (freeze.boundaryMs >= freeze.cutMs) return { kind: 'passed', boundaryMs: freeze.boundaryMs }
  if (!(await step('check', () => hot.check(freeze)))) return { kind: 'refused', at: 'check' }

  const { sorted, entries, rawBytes, cutMs, earliestMs } = await readWindow(freeze, deps)
  signal?.throwIfAborted()
  if (sorted.unparsed > 0) events.unparsed(target.shard, sorted.unparsed)

  const segments = entries === 0 ? [] : await hot.manifest(target.shard)
  const erased = entries === 0 ? NOBODY : (await hot.erased(target.shard)).users
  const wanted = sorted.records.filter((record) => !isErased(record, erased))
  const records = await step('look up', () => dropKnown(wanted, segments, deps))
  let segment: SegmentEntry | undefined
  if (records.length > 0 && earliestMs !== undefined) {
    // The hours before the first entry were empty; they belong to no segment.
    const arrivalFromMs = Math.max(freeze.boundaryMs, periodStart(earliestMs, HOUR_MS))
    const plan = { freeze, arrivalFromMs, arrivalToMs: cutMs, records, nowMs: target.nowMs }
    const written = await writeUnlessSwept(plan, deps)
    if (written === 'swept') return { kind: 'refused', at: 'commit' }
    segment = written
  }

  const change = { cutMs, segment, records: entries, rawBytes }
  const committed = await step('commit', () => untilKnown(() => hot.commit(freeze, change), deps))
  if (committed === 'already') events.commitRepeated(target.shard)
  if (committed === 'stale') return { kind: 'refused', at: 'commit' }
  return {
    kind: 'moved',
    boundaryMs: cutMs,
    segment,
    entries,
    equal: sorted.equal,
    known: wanted.length - records.length,
    erased: sorted.records.length - wanted.length,
  }
}

/** Reads a window and keeps only its records, so that the entries they came from can be let go. */
async function readWindow(freeze: Freeze, deps: ArchiveDeps) {
  return await deps.step('read', async (note) => {
    const { channels, entries, rawBytes, cutMs, earliestMs } = await collectWindow(freeze, deps)
    note({ 'poglog.entries': entries, 'poglog.bytes': rawBytes })
    return { sorted: toRecords(channels), entries, rawBytes, cutMs, earliestMs }
  })
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

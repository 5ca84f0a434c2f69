import { HotStoreError } from '@poglog/hot-store'
import type { SegmentEntry } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import type { ArchiveDeps } from '../deps.ts'
import { writtenAtMs } from '../written-at.ts'

/**
 * How far below `trimmed` a repeated trim looks at objects again: the one that was interrupted has left
 * entries there. A trim that goes further does not, lest an object lost long after its trim stop it.
 */
const LOOK_BACK_MS = 86_400_000

export interface TrimRequest {
  readonly shard: number
  /** How long records stay in Redis after a segment has them, for queries that began before. */
  readonly graceMs: number
}

/**
 * Removes from Redis what segments have had for `graceMs`, after a look whether their objects are all
 * there (A1). What was trimmed up to the same place before is trimmed again: the hot store says how
 * far it goes before anything goes, so an interrupted trim looks like a finished one.
 *
 * @returns how many entries went, 0 when nothing is old enough.
 * @throws {SegmentError} `missing` or `corrupt` when an object is not as the manifest says: nothing was
 *   removed, and Redis may hold the only copy.
 * @throws {ObjectStoreError} nothing was removed.
 * @throws {HotStoreError} a part may have been removed; running it again is safe.
 */
export async function trim({ shard, graceMs }: TrimRequest, deps: ArchiveDeps): Promise<number> {
  const { hot, events, clock, step } = deps
  const startedAt = clock()
  const state = await hot.state(shard)
  const segments = (await hot.manifest(shard)).filter(
    ({ projection }) => projection === 'by-channel',
  )
  const sinceMs = state.nowMs - graceMs
  const beforeMs = Math.min(
    state.boundaryMs,
    ...segments
      .filter((segment) => isFresh(segment, { sinceMs, trimmedMs: state.trimmedMs }))
      .map(({ arrivalFromMs }) => arrivalFromMs),
  )
  if (beforeMs < state.trimmedMs) return 0

  const isRepeated = beforeMs === state.trimmedMs
  const fromMs = state.trimmedMs - (isRepeated ? LOOK_BACK_MS : 0)
  const affected = segments.filter(
    ({ arrivalFromMs, arrivalToMs }) => arrivalFromMs < beforeMs && arrivalToMs > fromMs,
  )
  await step('check', () => assertAllStored(affected, deps))
  const removed = await step('trim', () => trimUnlessUndone({ shard, beforeMs }, deps))
  events.trimmed(shard, removed, clock() - startedAt)
  return removed
}

/** The hot store refuses to trim beyond the boundary: a failover may have undone the commit just read. */
async function trimUnlessUndone(
  { shard, beforeMs }: { shard: number; beforeMs: number },
  { hot, events }: ArchiveDeps,
): Promise<number> {
  try {
    return (await hot.trim(shard, { beforeMs })).removed
  } catch (error) {
    if (!(error instanceof HotStoreError) || error.kind !== 'invalid') throw error
    events.refused(shard, 'trim')
    return 0
  }
}

/**
 * Whether a segment may have taken records out of Redis since `sinceMs`, so that a query that began before still reads
 * them there. The grace spares it a new beginning; that it misses nothing, `trimmed` sees to.
 *
 * Only seals take records out, and from `trimmed` on. What an import, an erasure or a retention writes, be it this
 * very minute, holds nothing that Redis still has, or what an earlier segment took. So does a day: it counts as long
 * as the last of the segments that it was made from might.
 */
function isFresh(
  { key, level, arrivalToMs }: SegmentEntry,
  { sinceMs, trimmedMs }: { readonly sinceMs: number; readonly trimmedMs: number },
): boolean {
  if (arrivalToMs <= trimmedMs) return false
  return level === 'day' ? arrivalToMs > sinceMs : writtenAtMs(key) > sinceMs
}

async function assertAllStored(
  segments: readonly SegmentEntry[],
  deps: ArchiveDeps,
): Promise<void> {
  for (const segment of segments) {
    await assertStored(segment, deps)
    deps.signal?.throwIfAborted()
  }
}

async function assertStored(
  { key, sizeBytes }: SegmentEntry,
  { cold }: ArchiveDeps,
): Promise<void> {
  const storedBytes = await cold.size(key)
  if (storedBytes === undefined) {
    throw new SegmentError('missing', key, { detail: 'its records are kept in redis' })
  }
  if (storedBytes !== sizeBytes) {
    const detail = `has ${storedBytes} bytes, not ${sizeBytes}; its records are kept in redis`
    throw new SegmentError('corrupt', key, { detail })
  }
}

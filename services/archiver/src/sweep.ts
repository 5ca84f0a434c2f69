import type { SegmentEntry } from '@poglog/hot-store'
import { parseSegmentKey } from '@poglog/log-format'
import type { SegmentKeyParts } from '@poglog/log-format'
import type { ObjectInfo } from '@poglog/object-store'
import type { ArchiveDeps } from './deps.ts'
import { isElsewhere } from './is-elsewhere.ts'
import { HOUR_MS, periodStart } from './period.ts'

const PREFIX = 'by-channel/'

export interface SweepRequest {
  /** How old an object must be, and how long it must have been known to be an orphan. */
  readonly graceMs: number
  /**
   * When each orphan was first seen, by `clock`; kept from sweep to sweep by the caller. It starts
   * empty in a new process, which only delays the deletion.
   */
  readonly suspects: Map<string, number>
}

/** What a shard's manifest says about the objects that are its own. */
interface ShardView {
  readonly next: number
  readonly segments: readonly SegmentEntry[]
  readonly named: ReadonlySet<string>
  /** Start of the hour of the earliest arrival that the manifest covers. */
  readonly fromHourMs: number
  readonly nowMs: number
}

interface Orphan {
  readonly object: ObjectInfo
  readonly view: ShardView
}

/**
 * Deletes segments that no manifest names: a seal that died between its put and its commit left them.
 *
 * An object goes only when the number in its name is decided (below `next`), so that no commit can
 * name it any more; when the manifest does not name it; when it has been such an orphan for `graceMs`;
 * and when each of its records is found in segments that the manifest names (A1). Numbers and hours
 * prove nothing: when Redis was lost or rolled back, its numbers pass in time those of objects that are
 * the only copy. Kept and told is what has a number above `next`, is of an hour before the manifest
 * begins, cannot be read, or holds a record that no named segment has.
 *
 * @returns how many objects were deleted.
 * @throws {HotStoreError} or {ObjectStoreError}; running it again is safe.
 */
export async function sweep(request: SweepRequest, deps: ArchiveDeps): Promise<number> {
  const { cold, hot, events, signal } = deps
  const views: ShardView[] = []
  for (let shard = 0; shard < hot.shards; shard += 1) views.push(await viewOf(shard, deps))

  const orphans = new Map<string, Orphan>()
  let foreign = 0
  for await (const object of cold.list(PREFIX, { signal })) {
    const parts = parseSegmentKey(object.key)
    const view = parts === undefined ? undefined : views[parts.shard]
    if (parts === undefined || view === undefined || view.named.has(object.key)) continue
    const standing = standingOf(object, { parts, view, graceMs: request.graceMs })
    if (standing === 'foreign') foreign += 1
    if (standing === 'orphan') orphans.set(object.key, { object, view })
  }

  const due: string[] = []
  for (const { object, view } of dueSuspects(orphans, request, deps.clock())) {
    const standing = await isElsewhere(object, view.segments, deps)
    if (standing === true) due.push(object.key)
    if (standing === false) foreign += 1
  }
  events.foreignObjects(foreign)
  await cold.deleteMany(due, { signal })
  for (const key of due) request.suspects.delete(key)
  if (due.length > 0) events.swept(due.length)
  return due.length
}

/** The state is read first: a number decided then is in the manifest read after it, or in none. */
async function viewOf(shard: number, { hot }: ArchiveDeps): Promise<ShardView> {
  const { next, nowMs } = await hot.state(shard)
  const segments = await hot.manifest(shard)
  const fromMs = Math.min(...segments.map(({ arrivalFromMs }) => arrivalFromMs))
  return {
    next,
    nowMs,
    segments,
    named: new Set(segments.map(({ key }) => key)),
    fromHourMs: segments.length === 0 ? Number.POSITIVE_INFINITY : periodStart(fromMs, HOUR_MS),
  }
}

function standingOf(
  object: ObjectInfo,
  { parts, view, graceMs }: { parts: SegmentKeyParts; view: ShardView; graceMs: number },
): 'young' | 'foreign' | 'orphan' {
  if (object.modifiedAtMs > view.nowMs - graceMs || parts.number === view.next) return 'young'
  const hourMs = parts.dateMs + (parts.hour ?? 0) * HOUR_MS
  if (parts.number > view.next || hourMs < view.fromHourMs) return 'foreign'
  return 'orphan'
}

/** Remembers new orphans, forgets those that are none any more, and returns those known long enough. */
function dueSuspects(
  orphans: ReadonlyMap<string, Orphan>,
  { graceMs, suspects }: SweepRequest,
  now: number,
): Orphan[] {
  for (const key of suspects.keys()) if (!orphans.has(key)) suspects.delete(key)
  const due: Orphan[] = []
  for (const [key, orphan] of orphans) {
    const since = suspects.get(key)
    if (since === undefined) suspects.set(key, now)
    if (now - (since ?? now) >= graceMs) due.push(orphan)
  }
  return due
}

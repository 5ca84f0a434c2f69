import { parseSegmentKey } from '@poglog/log-format'
import type { SegmentKeyParts } from '@poglog/log-format'
import type { ObjectInfo } from '@poglog/object-store'
import type { ArchiveDeps } from './deps.ts'
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
  readonly named: ReadonlySet<string>
  /** Start of the hour of the earliest arrival that the manifest covers. */
  readonly fromHourMs: number
  readonly nowMs: number
}

/**
 * Deletes segments that no manifest names: a seal that died between its put and its commit left them.
 *
 * An object goes only when the number in its name is decided (below `next`), so that no commit can
 * name it any more; when the manifest does not name it; when its hour is not before everything that
 * the manifest covers; and when it has been such an orphan for `graceMs`. An object with a number above
 * `next`, or of an hour before the manifest begins, shows that Redis was lost or rolled back: then that
 * object may be the only copy, and it is kept and told.
 *
 * @returns how many objects were deleted.
 * @throws {HotStoreError} or {ObjectStoreError}; running it again is safe.
 */
export async function sweep(request: SweepRequest, deps: ArchiveDeps): Promise<number> {
  const { cold, hot, events, signal } = deps
  const views: ShardView[] = []
  for (let shard = 0; shard < hot.shards; shard += 1) views.push(await viewOf(shard, deps))

  const orphans = new Set<string>()
  let foreign = 0
  for await (const object of cold.list(PREFIX, { signal })) {
    const parts = parseSegmentKey(object.key)
    const view = parts === undefined ? undefined : views[parts.shard]
    if (parts === undefined || view === undefined || view.named.has(object.key)) continue
    const standing = standingOf(object, { parts, view, graceMs: request.graceMs })
    if (standing === 'foreign') foreign += 1
    if (standing === 'orphan') orphans.add(object.key)
  }
  events.foreignObjects(foreign)

  const due = dueSuspects(orphans, request, deps.clock())
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
  orphans: ReadonlySet<string>,
  { graceMs, suspects }: SweepRequest,
  now: number,
): string[] {
  for (const key of suspects.keys()) if (!orphans.has(key)) suspects.delete(key)
  const due: string[] = []
  for (const key of orphans) {
    const since = suspects.get(key)
    if (since === undefined) suspects.set(key, now)
    if (now - (since ?? now) >= graceMs) due.push(key)
  }
  return due
}

import type { Scope } from '@poglog/hot-store'
import { parseSegmentKey } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectInfo } from '@poglog/object-store'
import type { ArchiveDeps } from '../deps.ts'
import { SEGMENT_PREFIXES } from '../rebuild/found-segments.ts'
import { isElsewhere } from './is-elsewhere.ts'
import { isErased } from '../privacy/is-erased.ts'
import { DAY_MS } from '../period.ts'
import { scopeOf, standingOf, viewOf } from './sweep-view.ts'
import type { ScopeView } from './sweep-view.ts'

/** Longer than any swap may come after its reservation; the hot store refuses later ones. */
const RESERVATION_MS = 12 * 3_600_000

export interface SweepRequest {
  /** How old an object must be, and how long it must have been known to be an orphan. */
  readonly graceMs: number
  /** How old a reservation must be to be ended. Default 12 hours. */
  readonly reservationMs?: number | undefined
  /**
   * When each orphan was first seen, by `clock`; kept from sweep to sweep by the caller. It starts
   * empty in a new process, which only delays the deletion.
   */
  readonly suspects: Map<string, number>
}

interface Orphan {
  readonly object: ObjectInfo
  readonly view: ScopeView
}

interface Found {
  readonly orphans: ReadonlyMap<string, Orphan>
  /** Of each scope, objects that Redis should know and does not. */
  readonly foreign: Map<Scope, number>
}

/**
 * Deletes objects that no manifest names: what a job that died between its put and its commit left.
 *
 * An object goes only when the number in its name is decided (below `next` and not reserved), so that no
 * commit can name it any more; when no manifest names it or had named it lately; and when it has been such an
 * orphan for `graceMs`.
 *
 * Of by-channel segments, each record must besides be found in segments that the manifest names, or be
 * erased or older than its channel keeps (A1). Numbers and hours prove nothing: when Redis was lost or rolled back, its numbers pass in time
 * those of objects that are the only copy. Kept and told is what has a number above `next`, is of an hour before
 * the manifest begins, cannot be read, or holds a record that no named segment has. By-user segments and word
 * counts are made from by-channel ones: they go without a look, but only while none of those is in doubt.
 *
 * @returns how many objects were deleted.
 * @throws {HotStoreError} or {ObjectStoreError}; running it again is safe.
 */
export async function sweep(request: SweepRequest, deps: ArchiveDeps): Promise<number> {
  const { cold, events, signal, step } = deps
  const found = await step('list', () => find(request, deps))
  const due = dueSuspects(found.orphans, request, deps.clock())
  const doubtful = doubtsOf(found, due)

  const retention = await deps.hot.retention.all()
  const gone: string[] = []
  for (const { object, view } of due) {
    if (!object.key.startsWith('by-channel/')) continue
    const isGone = (record: LogRecord): boolean => isErasedOrOld(record, view, retention)
    const standing = await isElsewhere(object, view.segments, { ...deps, isGone })
    if (standing === true) gone.push(object.key)
    if (standing !== false) continue
    doubtful.add(view.scope)
    found.foreign.set(view.scope, (found.foreign.get(view.scope) ?? 0) + 1)
  }
  for (const { object, view } of due) {
    if (object.key.startsWith('by-channel/')) continue
    const isInDoubt = view.scope === 'users' ? doubtful.size > 0 : doubtful.has(view.scope)
    if (!isInDoubt) gone.push(object.key)
  }
  events.foreignObjects([...found.foreign.values()].reduce((sum, objects) => sum + objects, 0))
  await step('delete', () => cold.deleteMany(gone, { signal }))
  for (const key of gone) request.suspects.delete(key)
  if (gone.length > 0) events.swept(gone.length)
  return gone.length
}

function isErasedOrOld(
  record: LogRecord,
  { erased, nowMs }: ScopeView,
  retention: ReadonlyMap<string, number>,
): boolean {
  const days = retention.get(record.channelId)
  const isOld = days !== undefined && record.sentAtMs < nowMs - days * DAY_MS
  return isOld || isErased(record, erased)
}

async function find(request: SweepRequest, deps: ArchiveDeps): Promise<Found> {
  const { hot, cold, signal } = deps
  const { graceMs, reservationMs = RESERVATION_MS } = request
  const views = new Map<Scope, ScopeView>()
  for (let shard = 0; shard < hot.shards; shard += 1) {
    views.set(shard, await viewOf(shard, deps, reservationMs))
  }
  views.set('users', await viewOf('users', deps, reservationMs))

  const orphans = new Map<string, Orphan>()
  const foreign = new Map<Scope, number>()
  // The truth first: what is found there decides whether the rest may go.
  for (const prefix of SEGMENT_PREFIXES) {
    for await (const object of cold.list(prefix, { signal })) {
      const parts = parseSegmentKey(object.key)
      const view = parts === undefined ? undefined : views.get(scopeOf(parts))
      if (parts === undefined || view === undefined || view.known.has(object.key)) continue
      const standing = standingOf({ modifiedAtMs: object.modifiedAtMs, parts }, view, graceMs)
      if (standing === 'foreign') foreign.set(view.scope, (foreign.get(view.scope) ?? 0) + 1)
      if (standing === 'orphan') orphans.set(object.key, { object, view })
    }
  }
  return { orphans, foreign }
}

/** Scopes with objects that Redis does not know, or with by-channel orphans that have not been looked at yet. */
function doubtsOf({ orphans, foreign }: Found, due: readonly Orphan[]): Set<Scope> {
  const doubtful = new Set(foreign.keys())
  const isDue = new Set(due.map(({ object }) => object.key))
  for (const [key, { view }] of orphans) {
    if (key.startsWith('by-channel/') && !isDue.has(key)) doubtful.add(view.scope)
  }
  return doubtful
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

import type { Erased, Scope, SegmentEntry } from '@poglog/hot-store'
import type { SegmentKeyParts } from '@poglog/log-format'
import type { ArchiveDeps } from '../deps.ts'
import { DAY_MS, HOUR_MS, periodStart } from '../period.ts'

/** What Redis says about the objects of one scope. */
export interface ScopeView {
  readonly scope: Scope
  /** The next segment number; of `users`, where nothing is sealed, all that are not reserved are decided. */
  readonly next: number
  readonly reserved: ReadonlySet<number>
  readonly segments: readonly SegmentEntry[]
  /** Keys that the manifest names, and those that left it and will be deleted by another job. */
  readonly known: ReadonlySet<string>
  readonly erased: Erased
  /** Start of the hour, and of the day, of the earliest arrival that the manifest covers. */
  readonly fromHourMs: number
  readonly fromDayMs: number
  readonly nowMs: number
}

/** Where an object stands that no manifest names. */
export type Standing = 'young' | 'foreign' | 'orphan'

/**
 * Ends old reservations, then reads a scope: state and reservations first, so that a number decided then is in the
 * manifest read after them, or among the removed, or in neither.
 */
export async function viewOf(
  scope: Scope,
  { hot }: Pick<ArchiveDeps, 'hot'>,
  reservationMs: number,
): Promise<ScopeView> {
  const { next, nowMs } = await hot.state(scope === 'users' ? 0 : scope)
  const reserved = await hot.expireReservations(scope, Math.max(0, nowMs - reservationMs))
  const segments = scope === 'users' ? (await hot.usersView()).folds : await hot.manifest(scope)
  const removed = await hot.removedObjects(scope)
  const { users: erased } = await hot.erased(scope)
  const fromMs = Math.min(...segments.map(({ arrivalFromMs }) => arrivalFromMs))
  const isEmpty = segments.length === 0
  return {
    scope,
    next: scope === 'users' ? Number.POSITIVE_INFINITY : next,
    reserved: new Set(reserved),
    segments,
    known: new Set([...segments, ...removed].map(({ key }) => key)),
    erased,
    fromHourMs: isEmpty ? Number.POSITIVE_INFINITY : periodStart(fromMs, HOUR_MS),
    fromDayMs: isEmpty ? Number.POSITIVE_INFINITY : periodStart(fromMs, DAY_MS),
    nowMs,
  }
}

/** @param view of the scope that gave the object its number. */
export function standingOf(
  object: { readonly modifiedAtMs: number; readonly parts: SegmentKeyParts },
  view: ScopeView,
  graceMs: number,
): Standing {
  const { modifiedAtMs, parts } = object
  if (modifiedAtMs > view.nowMs - graceMs || parts.number === view.next) return 'young'
  if (view.reserved.has(parts.number)) return 'young'
  if (parts.number > view.next) return 'foreign'
  if (parts.projection !== 'by-channel') return 'orphan'
  const isBefore =
    parts.hour === undefined
      ? parts.dateMs < view.fromDayMs
      : parts.dateMs + parts.hour * HOUR_MS < view.fromHourMs
  return isBefore ? 'foreign' : 'orphan'
}

/** The scope whose numbers an object's is one of. */
export function scopeOf({ projection, level, shard }: SegmentKeyParts): Scope {
  return projection === 'by-user' && level === 'fold' ? 'users' : shard
}

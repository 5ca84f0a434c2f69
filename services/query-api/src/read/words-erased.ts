import type { Erased } from '@poglog/hot-store'
import { HOUR_MS, hourOf } from './periods.ts'
import type { TimeRange } from './words-range.ts'

/** What erased users said after their erasure in the very hour of it: `parts` are sent times. */
export interface ErasedHour {
  readonly part: TimeRange
  /** User id -> the time before which everything is erased; those whose erasure lies in this hour. */
  readonly users: Erased
}

/** Whether a record is hidden: its user was erased after it was sent. */
export function isErased(
  { userId, sentAtMs }: { readonly userId: string; readonly sentAtMs: number },
  erased: Erased,
): boolean {
  const beforeMs = erased.get(userId)
  return beforeMs !== undefined && sentAtMs < beforeMs
}

/** Those of whom a range may have something erased: of most erased users it was long before. */
export function erasedWithin(erased: Erased, { fromMs }: TimeRange, userId?: string): Erased {
  const found = [...erased].filter(
    ([id, beforeMs]) => beforeMs > fromMs && (userId === undefined || id === userId),
  )
  return new Map(found)
}

/**
 * The hours of a range of whole hours in which users were erased. A count of such an hour may hold both what is erased
 * and what was said after it; it is not used, and the latter is counted anew from the records.
 */
export function erasedHours(erased: Erased, hours: TimeRange): ErasedHour[] {
  const byHour = new Map<number, Map<string, number>>()
  for (const [id, beforeMs] of erased) {
    const hourMs = hourOf(beforeMs)
    if (hourMs === beforeMs || hourMs < hours.fromMs || hourMs >= hours.toMs) continue
    const users = byHour.get(hourMs) ?? new Map<string, number>()
    byHour.set(hourMs, users.set(id, beforeMs))
  }
  return [...byHour].map(([hourMs, users]) => {
    let fromMs = hourMs + HOUR_MS
    for (const beforeMs of users.values()) fromMs = Math.min(fromMs, beforeMs)
    return { part: { fromMs, toMs: hourMs + HOUR_MS }, users }
  })
}

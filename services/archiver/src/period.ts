export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
/** Sent times of everything, end exclusive. */
export const ALL_TIME = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const

/** The start of the period that holds an instant. Periods are counted from the Unix epoch. */
export function periodStart(ms: number, periodMs: number): number {
  return ms - (ms % periodMs)
}

/**
 * Where a segment that holds an arrival must end at the latest: at the end of its period, and of its
 * hour, because the object's name tells the hour.
 */
export function edgeAfter(arrivalMs: number, periodMs: number): number {
  const periodEnd = periodStart(arrivalMs, periodMs) + periodMs
  return Math.min(periodEnd, periodStart(arrivalMs, HOUR_MS) + HOUR_MS)
}

/** The start of the month that holds an instant, UTC. */
export function monthStart(ms: number): number {
  const date = new Date(ms)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

/** The end of the month that begins at `monthMs`, exclusive. */
export function monthEnd(monthMs: number): number {
  const date = new Date(monthMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

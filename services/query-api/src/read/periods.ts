export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** Start of the hour that a time lies in, UTC. */
export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS) * HOUR_MS
}

/** Start of the UTC day that a time lies in. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) * DAY_MS
}

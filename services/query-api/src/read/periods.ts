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

/** The periods that counts are given by. */
export type Period = 'hour' | 'day'

/** Start of the period that a time lies in, UTC. */
export function periodOf(period: Period, timeMs: number): number {
  return period === 'hour' ? hourOf(timeMs) : dayOf(timeMs)
}

/** Days or months, UTC. */
export interface Calendar {
  /** Start of the period that a time lies in. */
  readonly startOf: (timeMs: number) => number
  /** How many periods there are from that of one time to that of another, both counted. */
  readonly countOf: (fromMs: number, toMs: number) => number
}

export const DAYS: Calendar = {
  startOf: dayOf,
  countOf: (fromMs, toMs) => (dayOf(toMs) - dayOf(fromMs)) / DAY_MS + 1,
}

export const MONTHS: Calendar = {
  startOf(timeMs) {
    const time = new Date(timeMs)
    return monthMs(time.getUTCFullYear(), time.getUTCMonth())
  },
  countOf: (fromMs, toMs) => monthNumber(toMs) - monthNumber(fromMs) + 1,
}

/** Start of a month; `month` counts from 0 and may lie outside the year. */
export function monthMs(year: number, month: number): number {
  // `Date.UTC` would take year 50 for 1950.
  return new Date(0).setUTCFullYear(year, month, 1)
}

function monthNumber(timeMs: number): number {
  const time = new Date(timeMs)
  return time.getUTCFullYear() * 12 + time.getUTCMonth()
}

import type { Period } from '../api/activity.ts'
import { DAY_MS, HOUR_MS } from '../place/time.ts'

/** Counts of some hours or days: start -> count; where there is none, nothing was said. */
export interface Sparse {
  readonly label: string
  readonly counts: ReadonlyMap<number, number>
}

/** Counts over time, of every hour or day of a range. */
export interface Series {
  readonly by: Period
  /** Starts of the periods, milliseconds since the Unix epoch, the first one first. */
  readonly startsMs: readonly number[]
  readonly lines: readonly { readonly label: string; readonly counts: readonly number[] }[]
}

/** What a series is of. */
export interface Span {
  readonly by: Period
  readonly fromMs: number
  readonly toMs: number
}

/** More are not drawn; a range by the hour has 2,400, one by the day 5,700 since Twitch began. */
const PERIODS_MAX = 10_000

/**
 * Fills in what was not said. A range that begins long before anything was said begins with the first count, so that `All`
 * is not mostly empty.
 */
export function fillSeries(lines: readonly Sparse[], { by, fromMs, toMs }: Span): Series {
  const stepMs = by === 'hour' ? HOUR_MS : DAY_MS
  const startOf = (timeMs: number): number => Math.floor(timeMs / stepMs) * stepMs
  const told = lines.flatMap(({ counts }) => [...counts.keys()])
  const isLong = toMs - fromMs > LONG_MS
  const firstMs = isLong ? Math.max(fromMs, Math.min(...told)) : fromMs
  const startMs = Number.isFinite(firstMs) ? startOf(firstMs) : startOf(toMs)
  const length = Math.min(Math.max(Math.ceil((toMs - startMs) / stepMs), 1), PERIODS_MAX)
  const startsMs = Array.from({ length }, (_, index) => startMs + index * stepMs)
  return {
    by,
    startsMs,
    lines: lines.map(({ label, counts }) => ({
      label,
      counts: startsMs.map((periodMs) => counts.get(periodMs) ?? 0),
    })),
  }
}

/** Ranges that are longer than that were not chosen for their first day. */
const LONG_MS = 367 * DAY_MS

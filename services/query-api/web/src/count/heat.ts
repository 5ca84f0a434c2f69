import type { Activity } from '../api/activity.ts'
import { WEEK_DAYS, weekdayOf } from '../calendar/month.ts'
import { mostOf } from '../ui/shade.ts'
import { DAY_HOURS, DAY_MS, HOUR_MS } from '../place/time.ts'

/** How much was said at each hour of the week. */
export interface Heat {
  /** Seven rows from Monday on, of 24 hours, UTC: messages in an hour on average. */
  readonly rows: readonly (readonly number[])[]
  /** From so many on an hour is as dark as it gets. */
  readonly most: number
}

/**
 * Sums hours of a range up to hours of the week, and divides by how often each was in it: a range of ten days has two
 * Saturdays and one Tuesday.
 */
export function heatOf(
  { buckets }: Activity,
  range: { readonly fromMs: number; readonly toMs: number },
): Heat {
  const sums = emptyWeek()
  const times = emptyWeek()
  for (const { from, messages } of buckets) add(sums, from, messages)
  const firstMs = Math.floor(range.fromMs / HOUR_MS) * HOUR_MS
  for (let hourMs = firstMs; hourMs < range.toMs; hourMs += HOUR_MS) add(times, hourMs, 1)
  const rows = sums.map((row, day) =>
    row.map((sum, hour) => sum / Math.max(times[day]?.[hour] ?? 0, 1)),
  )
  return { rows, most: mostOf(rows.flat()) }
}

function add(week: number[][], hourMs: number, count: number): void {
  const row = week[weekdayOf(hourMs)]
  const hour = Math.floor((hourMs % DAY_MS) / HOUR_MS)
  if (row !== undefined) row[hour] = (row[hour] ?? 0) + count
}

const emptyWeek = (): number[][] =>
  Array.from({ length: WEEK_DAYS }, () => Array.from({ length: DAY_HOURS }, () => 0))

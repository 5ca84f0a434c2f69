import { useMemo } from 'preact/hooks'
import { useActivity } from '../api/activity.ts'
import type { Activity } from '../api/activity.ts'
import type { Whose } from '../api/whose.ts'
import { DAY_MS } from '../place/time.ts'
import { mostOf } from '../ui/shade.ts'
import { addMonths, monthOf, yearOf } from './month.ts'

/** How much was said on each day of a year or month. */
export interface DayCounts {
  readonly fromMs: number
  readonly toMs: number
  /** Of the days with messages: start -> messages. */
  readonly byDay: ReadonlyMap<number, number>
  /** From so many on a day is as dark as it gets. */
  readonly most: number
}

/**
 * What is known of the year of a day, or of its month where a user is meant over all channels: their messages are counted
 * one by one.
 */
export function useDayCounts(
  whose: Whose,
  { dayMs, isWanted }: { readonly dayMs: number; readonly isWanted: boolean },
): { readonly counts: DayCounts | undefined; readonly isFailed: boolean } {
  const isYear = whose.channel !== undefined
  const fromMs = isYear ? yearOf(dayMs) : monthOf(dayMs)
  const toMs = isYear ? yearOf(dayMs, 1) : addMonths(fromMs, 1)
  const { data, error } = useActivity(whose, { by: 'day', fromMs, toMs, isWanted })
  const counts = useMemo(
    () => (data === undefined ? undefined : dayCounts(data, { fromMs, toMs })),
    [data, fromMs, toMs],
  )
  return { counts, isFailed: error !== null && data === undefined }
}

export function dayCounts(
  { buckets }: Activity,
  range: { readonly fromMs: number; readonly toMs: number },
): DayCounts {
  const byDay = new Map(buckets.map(({ from, messages }) => [from, messages]))
  return { ...range, byDay, most: mostOf(byDay.values()) }
}

/**
 * The nearest day before or after one that has messages, as far as that is known, or else the next one at all.
 *
 * @returns `undefined` where only days after the last one would be left.
 */
export function nextDay(dayMs: number, { step, lastMs, counts }: NextDay): number | undefined {
  for (let next = dayMs + step * DAY_MS; next <= lastMs; next += step * DAY_MS) {
    const isKnown = counts !== undefined && next >= counts.fromMs && next < counts.toMs
    if (!isKnown || counts.byDay.has(next)) return next
  }
  return undefined
}

interface NextDay {
  readonly step: 1 | -1
  /** Today. */
  readonly lastMs: number
  readonly counts: DayCounts | undefined
}

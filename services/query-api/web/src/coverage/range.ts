import type { TimeRange } from '../api/range.ts'
import type { Place } from '../place/place.ts'
import { DAY_MS, HOUR_MS, dayOf, readTime } from '../place/time.ts'

/** The longest range that the API tells of. */
const RANGE_DAYS_MAX = 366

/** Ranges that end now, by name. */
export const PRESETS = ['24 hours', '7 days', '30 days', 'A year'] as const
export type Preset = (typeof PRESETS)[number]

const DEFAULT_PRESET = '7 days' satisfies Preset
/** Whole days, today among them; of the shortest, the hours before this one. */
const PRESET_DAYS = { '24 hours': 1, '7 days': 7, '30 days': 30, 'A year': 365 } as const

/**
 * When a preset begins: at a full hour or day, so that its address stays the same for a while.
 */
export function presetStart(preset: Preset, nowMs: number): number {
  if (preset === '24 hours') return Math.floor(nowMs / HOUR_MS) * HOUR_MS - DAY_MS
  return dayOf(nowMs) - (PRESET_DAYS[preset] - 1) * DAY_MS
}

/** The range that an address names; the last week where it names none. */
export function rangeOf({ from, to }: Pick<Place, 'from' | 'to'>, nowMs: number): TimeRange {
  if (from !== undefined) return { fromMs: from, toMs: to }
  if (to === undefined) return { fromMs: presetStart(DEFAULT_PRESET, nowMs) }
  return { fromMs: dayOf(to - 1) - (PRESET_DAYS[DEFAULT_PRESET] - 1) * DAY_MS, toMs: to }
}

/** The preset that a range is. */
export function presetOf({ fromMs, toMs }: TimeRange, nowMs: number): Preset | undefined {
  return toMs === undefined
    ? PRESETS.find((preset) => presetStart(preset, nowMs) === fromMs)
    : undefined
}

/** The range from the first to the last of two days, both as a date field gives them, or what is wrong with them. */
export function rangeOfDays(first: string, last: string): TimeRange | { readonly problem: string } {
  const [fromMs, lastMs] = [readTime(first), readTime(last)]
  if (fromMs === undefined || lastMs === undefined) return { problem: 'Give both days.' }
  if (fromMs > lastMs) return { problem: 'The first day is after the last.' }
  if (lastMs - fromMs >= RANGE_DAYS_MAX * DAY_MS) {
    return { problem: `Give at most ${RANGE_DAYS_MAX} days.` }
  }
  return { fromMs, toMs: lastMs + DAY_MS }
}

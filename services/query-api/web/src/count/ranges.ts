import type { Period } from '../api/activity.ts'
import type { TimeRange } from '../api/range.ts'
import type { Place } from '../place/place.ts'
import { DAY_MS, HOUR_MS, dayOf } from '../place/time.ts'
import { yearOf } from '../calendar/month.ts'

/** Hours are listed for at most so many days: more make a chart that nobody can read. */
export const HOURLY_DAYS_MAX = 100
/** Up to here hours say more than days. */
const HOURLY_DAYS_DEFAULT = 4
const DEFAULT_DAYS = 30

/** A range with a name, up to now. */
interface Preset {
  readonly name: string
  /** `undefined`: what the page shows when its address says nothing. */
  readonly from: (nowMs: number) => number | undefined
}

export const PRESETS: readonly Preset[] = [
  { name: '24 hours', from: (nowMs) => Math.floor(nowMs / HOUR_MS) * HOUR_MS - 23 * HOUR_MS },
  { name: '7 days', from: (nowMs) => dayOf(nowMs) - 6 * DAY_MS },
  { name: '30 days', from: () => undefined },
  { name: 'This year', from: (nowMs) => yearOf(nowMs) },
  { name: 'All', from: () => 0 },
]

/** The range that a place means: the last 30 days unless its address says more. */
export function rangeOf({ from, to }: Pick<Place, 'from' | 'to'>, nowMs: number): TimeRange {
  const fallbackMs = dayOf(to === undefined ? nowMs : to - 1) - (DEFAULT_DAYS - 1) * DAY_MS
  const fromMs = from ?? fallbackMs
  return to !== undefined && to > fromMs ? { fromMs, toMs: to } : { fromMs }
}

/** How many days a range has, to its end or now. */
export const daysOf = ({ fromMs, toMs }: TimeRange, nowMs: number): number =>
  ((toMs ?? nowMs) - fromMs) / DAY_MS

/** The end of a range; of one up to now the end of this hour, so that a chart is not drawn anew each minute. */
export const endOf = ({ toMs }: TimeRange, nowMs: number): number =>
  toMs ?? Math.ceil(nowMs / HOUR_MS) * HOUR_MS

/** What counts are listed by: as asked where it can be read, else what suits the range. */
export function periodOf(by: Period | undefined, days: number): Period {
  if (days > HOURLY_DAYS_MAX) return 'day'
  return by ?? (days <= HOURLY_DAYS_DEFAULT ? 'hour' : 'day')
}

/** The last days of a range that can be listed by the hour. */
export function hourlyRange(range: TimeRange, nowMs: number): TimeRange {
  if (daysOf(range, nowMs) <= HOURLY_DAYS_MAX) return range
  const endMs = range.toMs ?? nowMs
  return { ...range, fromMs: dayOf(endMs - 1) - (HOURLY_DAYS_MAX - 1) * DAY_MS }
}

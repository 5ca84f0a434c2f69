import type { Period } from '../api/activity.ts'
import type { TimeRange } from '../api/range.ts'
import { shortDayText } from '../calendar/day-text.ts'
import { DAY_MS, clockText, dayOf } from '../place/time.ts'

/** An increment of an axis that is a month or more. */
const MONTHLY_MS = 28 * DAY_MS

/** `Sat 21 Nov 2026`, with `13:00` for an hour. */
export function periodText(startMs: number, by: Period): string {
  const day = shortDayText(startMs)
  return by === 'day' ? day : `${day} ${clockText(startMs).slice(0, 5)}`
}

/** `Sun 1 Nov 2026 to now`; the last day is the one that the range ends with. */
export function rangeText({ fromMs, toMs }: TimeRange): string {
  const from = fromMs === 0 ? 'The beginning' : timeText(fromMs)
  if (toMs === undefined) return `${from} to now`
  const to = toMs === dayOf(toMs) ? shortDayText(toMs - 1) : timeText(toMs)
  return from === to ? from : `${from} to ${to}`
}

/** The texts at the ticks of an axis. */
export function tickTexts(ticksMs: readonly number[]): string[] {
  const [firstMs = 0, secondMs = firstMs] = ticksMs
  return ticksMs.map((tickMs) => tickText(tickMs, secondMs - firstMs))
}

function tickText(tickMs: number, apartMs: number): string {
  if (tickMs !== dayOf(tickMs)) return clockText(tickMs).slice(0, 5)
  const date = new Date(tickMs)
  const isFirst = date.getUTCDate() === 1
  if (isFirst && date.getUTCMonth() === 0) return String(date.getUTCFullYear())
  const [, day = '', month = ''] = shortDayText(tickMs).split(' ')
  return isFirst && apartMs >= MONTHLY_MS ? month : `${day} ${month}`
}

const timeText = (timeMs: number): string =>
  periodText(timeMs, timeMs === dayOf(timeMs) ? 'day' : 'hour')

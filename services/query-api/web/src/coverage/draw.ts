import { DAY_MS, HOUR_MS } from '../place/time.ts'
import { monthDrawing } from './month-rows.ts'
import { dayDrawing, hourDrawing } from './rows.ts'
import type { Drawing, Mark } from './rows.ts'
import type { Stretch } from './stretches.ts'

/** Ranges up to so long are drawn by the hour, and by the day. */
const HOURS_MAX_MS = 26 * HOUR_MS
const DAYS_MAX_MS = 36 * DAY_MS

/** Draws stretches by the hour, the day or the month, whichever shows most. */
export function drawingOf(stretches: readonly Stretch[]): Drawing {
  const rangeMs = (stretches.at(-1)?.to ?? 0) - (stretches[0]?.from ?? 0)
  if (rangeMs <= HOURS_MAX_MS) return hourDrawing(stretches)
  return rangeMs <= DAYS_MAX_MS ? dayDrawing(stretches) : monthDrawing(stretches)
}

/**
 * The mark at a share of a row's width. Gaps may be too thin to hit: one is meant when it is within `reach`.
 *
 * @returns its index, -1 where there is none.
 */
export function markAt(marks: readonly Mark[], at: number, reach: number): number {
  const inside = marks.findIndex(({ start, end }) => at >= start && at < end)
  const hit = marks[inside]
  if (hit !== undefined && isLoss(hit)) return inside
  const near = marks.findIndex(
    (mark) => isLoss(mark) && at >= mark.start - reach && at <= mark.end + reach,
  )
  return near === -1 ? inside : near
}

const isLoss = ({ look }: Mark): boolean => look !== 'covered' && look !== 'unlogged'

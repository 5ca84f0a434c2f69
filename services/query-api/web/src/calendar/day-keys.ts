import { DAY_MS } from '../place/time.ts'
import { WEEK_DAYS, addMonths, weekdayOf } from './month.ts'

/**
 * Where a key leads from a day in the grid.
 *
 * @returns `undefined` for other keys.
 * @see https://www.w3.org/WAI/ARIA/apg/patterns/dialog-modal/examples/datepicker-dialog/
 */
export function dayOfKey(
  dayMs: number,
  { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>,
): number | undefined {
  const months = shiftKey ? 12 : 1
  switch (key) {
    case 'ArrowLeft':
      return dayMs - DAY_MS
    case 'ArrowRight':
      return dayMs + DAY_MS
    case 'ArrowUp':
      return dayMs - WEEK_DAYS * DAY_MS
    case 'ArrowDown':
      return dayMs + WEEK_DAYS * DAY_MS
    case 'Home':
      return dayMs - weekdayOf(dayMs) * DAY_MS
    case 'End':
      return dayMs + (WEEK_DAYS - 1 - weekdayOf(dayMs)) * DAY_MS
    case 'PageUp':
      return addMonths(dayMs, -months)
    case 'PageDown':
      return addMonths(dayMs, months)
    default:
      return undefined
  }
}

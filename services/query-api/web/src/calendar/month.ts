import { DAY_MS } from '../place/time.ts'

export const WEEK_DAYS = 7
export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const
/** 1970 began with a Thursday; a week begins with Monday here. */
const MONDAY_OFFSET_DAYS = 3

/** Day of the week, 0 is Monday, UTC. */
export function weekdayOf(timeMs: number): number {
  const days = Math.floor(timeMs / DAY_MS) + MONDAY_OFFSET_DAYS
  return ((days % WEEK_DAYS) + WEEK_DAYS) % WEEK_DAYS
}

/** Start of the month, UTC. */
export function monthOf(timeMs: number): number {
  const date = new Date(timeMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

/** Start of the year, UTC, or of one so many years later. */
export const yearOf = (timeMs: number, later = 0): number =>
  Date.UTC(new Date(timeMs).getUTCFullYear() + later, 0)

/** The same day so many months later; the last one where that month is shorter. */
export function addMonths(dayMs: number, months: number): number {
  const date = new Date(dayMs)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay))
}

/** The weeks of a month from Monday to Sunday; `undefined` are days of other months. */
export function weeksOf(monthMs: number): (number | undefined)[][] {
  const days = (addMonths(monthMs, 1) - monthMs) / DAY_MS
  const before = weekdayOf(monthMs)
  return Array.from({ length: Math.ceil((before + days) / WEEK_DAYS) }, (_week, week) =>
    Array.from({ length: WEEK_DAYS }, (_day, weekday) => {
      const day = week * WEEK_DAYS + weekday - before
      return day >= 0 && day < days ? monthMs + day * DAY_MS : undefined
    }),
  )
}

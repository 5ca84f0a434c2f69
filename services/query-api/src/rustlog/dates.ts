import { DAYS, DAY_MS, MONTHS, monthMs } from '../read/periods.ts'
import type { Calendar } from '../read/periods.ts'
import type { TimeRange } from '../read/words-range.ts'
import { badRequest } from './errors.ts'
import { I32, U32, parseInteger } from './integers.ts'

/** The years that chrono has dates of. */
const YEAR_MIN = -262_143
const YEAR_MAX = 262_142

/** A day or month as paths and lists name it: its parts as numbers, month and day from 1. */
export type DateParts = readonly [year: number, month: number, day: number]

/**
 * The UTC day of a path.
 *
 * @throws {ProblemError} 400 with rustlog's text.
 */
export function dayRange(year: string, month: string, day: string): TimeRange {
  const parts = [integerOf(year, I32), integerOf(month, U32), integerOf(day, U32)] as const
  const fromMs = dateMs(parts)
  const [wholeYear, wholeMonth, wholeDay] = parts
  if (wholeYear === YEAR_MAX && wholeMonth === 12 && wholeDay === 31) throw outOfRange()
  return { fromMs, toMs: fromMs + DAY_MS }
}

/**
 * The UTC month of a path.
 *
 * @throws {ProblemError} 400 with rustlog's text.
 */
export function monthRange(year: string, month: string): TimeRange {
  const parts = [integerOf(year, I32), integerOf(month, U32), 1] as const
  const fromMs = dateMs(parts)
  if (parts[0] === YEAR_MAX && parts[1] === 12) throw outOfRange()
  return { fromMs, toMs: monthMs(parts[0], parts[1]) }
}

/** Year, month and day that a time lies in, UTC. */
export function datePartsOf(timeMs: number): DateParts {
  const date = new Date(timeMs)
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
}

/** What is listed: the days of a channel, the months of a user. */
export function calendarOf(hasUser: boolean): Calendar {
  return hasUser ? MONTHS : DAYS
}

function integerOf(text: string, type: typeof I32): number {
  const number = parseInteger(text, type)
  if (typeof number === 'string') throw badRequest(`Int parse error: ${number}`)
  return number
}

/** Midnight of a day that exists. */
function dateMs([year, month, day]: DateParts): number {
  const time = new Date(0).setUTCFullYear(year, month - 1, day)
  const [, foundMonth, foundDay] = datePartsOf(time)
  const exists = month === foundMonth && day === foundDay && year >= YEAR_MIN && year <= YEAR_MAX
  if (!exists) throw badRequest('Invalid param: Invalid date')
  return time
}

function outOfRange(): Error {
  return badRequest('Invalid param: Date out of range')
}

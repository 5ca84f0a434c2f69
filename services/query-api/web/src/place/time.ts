export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_HOURS = 24
export const DAY_MS = DAY_HOURS * HOUR_MS

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?Z)?$/

/**
 * Reads a day (`2026-11-21`, its start) or a time (`2026-11-21T18:40:00Z`), UTC.
 *
 * @returns milliseconds since the Unix epoch, `undefined` for anything else.
 */
export function readTime(text: string): number | undefined {
  if (!TIME.test(text)) return undefined
  const timeMs = Date.parse(text)
  return Number.isNaN(timeMs) ? undefined : timeMs
}

/** The shortest text that {@link readTime} reads as this time. */
export function timeText(timeMs: number): string {
  const text = new Date(timeMs).toISOString()
  return text.replace(/(?:\.000)?Z$/, 'Z').replace(/T00:00:00Z$/, '')
}

/** Start of the day, UTC. */
export const dayOf = (timeMs: number): number => Math.floor(timeMs / DAY_MS) * DAY_MS

/** `2026-11-21` */
export const dayText = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10)

/** `18:40:05` */
export const clockText = (timeMs: number): string => new Date(timeMs).toISOString().slice(11, 19)

const LONG_DAY = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})

/** `Saturday 21 November 2026` */
export const longDayText = (timeMs: number): string => LONG_DAY.format(timeMs).replace(',', '')

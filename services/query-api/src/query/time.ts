const SECONDS_DIGITS_MAX = 11
const DIGITS_MAX = 16
const MS_PER_SECOND = 1000
const MS_PER_MINUTE = 60_000
/** The last instant an ECMAScript date can hold. */
const TIME_MS_MAX = 8_640_000_000_000_000
const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+\- ])(\d\d):?(\d\d))$/

/**
 * Reads a point in time: RFC 3339 with an offset, Unix seconds (up to 11 digits) or Unix milliseconds
 * (12 digits and more).
 *
 * A fraction finer than a millisecond is rounded up, which keeps the meaning of a half-open range over
 * whole milliseconds. A space in place of the `+` of an offset is taken as a `+` that nobody encoded.
 *
 * @returns milliseconds since the Unix epoch, UTC; `undefined` for anything else, a 30th of February
 *   too. A leap second counts as the second after it.
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export function parseTime(text: string): number | undefined {
  if (/^\d+$/.test(text)) return fromUnix(text)
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = match
  const midnightMs = dateMs(Number(year), Number(month), Number(day))
  const offsetMs = offsetOf(match)
  if (midnightMs === undefined || offsetMs === undefined) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  const fractionMs = Math.ceil(Number(`0.${match[7] ?? '0'}`) * MS_PER_SECOND)
  const minutes = Number(hour) * 60 + Number(minute)
  const timeMs = midnightMs + minutes * MS_PER_MINUTE + Number(second) * MS_PER_SECOND + fractionMs
  return timeMs - offsetMs
}

function fromUnix(digits: string): number | undefined {
  if (digits.length > DIGITS_MAX) return undefined
  const value = Number(digits)
  const timeMs = digits.length <= SECONDS_DIGITS_MAX ? value * MS_PER_SECOND : value
  return timeMs <= TIME_MS_MAX ? timeMs : undefined
}

/** Midnight of a day that exists. `Date.UTC` would take 30 February for 1 March and year 50 for 1950. */
function dateMs(year: number, month: number, day: number): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return exists ? date.getTime() : undefined
}

function offsetOf(match: RegExpExecArray): number | undefined {
  if (match[8] !== undefined) return 0
  const hours = Number(match[10])
  const minutes = Number(match[11])
  if (hours > 23 || minutes > 59) return undefined
  const offsetMs = (hours * 60 + minutes) * MS_PER_MINUTE
  return match[9] === '-' ? -offsetMs : offsetMs
}

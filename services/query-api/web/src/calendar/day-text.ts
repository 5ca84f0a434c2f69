const SHORT = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
const NAMED = format({ day: 'numeric', month: 'long', year: 'numeric' })
const MONTH = format({ month: 'long', year: 'numeric' })

/** `Sat 21 Nov 2026` */
export const shortDayText = (timeMs: number): string => SHORT.format(timeMs).replace(',', '')

/** `21 November 2026` */
export const namedDayText = (timeMs: number): string => NAMED.format(timeMs)

/** `November 2026` */
export const monthText = (timeMs: number): string => MONTH.format(timeMs)

function format(parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: 'UTC' })
}

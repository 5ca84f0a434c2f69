const ZERO = 0x30
/** So many digits stay below `Number.MAX_SAFE_INTEGER`. */
const DIGITS_MAX = 15
/** So many digits fit into 31 bits, in which a processor counts three times as fast. */
const LOW_DIGITS = 7
const LOW_FACTOR = 10 ** LOW_DIGITS

/** A tag's whole number; `undefined` for anything but 1 to 15 digits. */
export function wholeNumberOf(digits: string | undefined): number | undefined {
  if (digits === undefined || digits === '' || digits.length > DIGITS_MAX) return undefined
  const lowStart = Math.max(digits.length - LOW_DIGITS, 0)
  const high = smallNumberAt(digits, 0, lowStart)
  const low = smallNumberAt(digits, lowStart, digits.length)
  return high < 0 || low < 0 ? undefined : high * LOW_FACTOR + low
}

/** The number in at most eight digits, or -1. */
function smallNumberAt(digits: string, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at += 1) {
    const digit = digits.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return -1
    number = Math.imul(number, 10) + digit
  }
  return number
}

/** The same with a sign allowed, for what Twitch sends as `-1`. */
export function integerOf(digits: string | undefined): number | undefined {
  return digits !== undefined && /^-?\d{1,15}$/.test(digits) ? Number(digits) : undefined
}

/** The text of a tag, `undefined` where it is absent or empty: Twitch sends both for "none". */
export function textOrNone(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

/** The parts of a list, without the empty ones. */
export function listOf(value: string, separator: string): string[] {
  return value.split(separator).filter((part) => part !== '')
}

/** `1` or `0`; `undefined` for anything else. */
export function flagOf(value: string | undefined): boolean | undefined {
  if (value === '1') return true
  return value === '0' ? false : undefined
}

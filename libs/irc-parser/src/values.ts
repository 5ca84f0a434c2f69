/** A tag's whole number; `undefined` for anything but 1 to 15 digits, so that it is always exact. */
export function wholeNumberOf(digits: string | undefined): number | undefined {
  return digits !== undefined && /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
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

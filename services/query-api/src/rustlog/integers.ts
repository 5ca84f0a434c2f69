/** What Rust says of a text that is no number of a type. */
export type IntegerProblem =
  | 'invalid digit found in string'
  | 'cannot parse integer from empty string'
  | 'number too large to fit in target type'
  | 'number too small to fit in target type'

export const U32 = { min: 0n, max: 4_294_967_295n }
export const I32 = { min: -2_147_483_648n, max: 2_147_483_647n }
export const U64 = { min: 0n, max: 18_446_744_073_709_551_615n }

/** Reads a decimal number as Rust does; what is beyond a safe integer becomes the largest one. */
export function parseInteger(
  text: string,
  { min, max }: { readonly min: bigint; readonly max: bigint },
): number | IntegerProblem {
  if (text === '') return 'cannot parse integer from empty string'
  const sign = min < 0n ? /^[+-]?\d+$/ : /^\+?\d+$/
  if (!sign.test(text)) return 'invalid digit found in string'
  const digits = text.replace(/^[+-]/, '').replace(/^0+(?=\d)/, '')
  // No text of a thousand digits becomes a number.
  const isLong = digits.length > String(max).length
  const number = isLong ? max + 1n : BigInt(digits)
  const value = text.startsWith('-') ? -number : number
  if (value > max) return 'number too large to fit in target type'
  if (value < min) return 'number too small to fit in target type'
  return Number(value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : value)
}

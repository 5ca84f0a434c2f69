import { z } from 'zod'

const PORT_MAX = 65_535
const SECRET_CHARACTERS_MAX = 4096

/** The range of a whole number and what it is when unset. Without `fallback` it must be set. */
export interface WholeNumberLimits {
  readonly min?: number
  readonly max?: number
  readonly fallback?: number
}

/** A whole number, written in decimal digits only: `1e3`, `0x10`, `12abc` and `-1` are refused. */
export function count({ min = 0, max = Number.MAX_SAFE_INTEGER, fallback }: WholeNumberLimits) {
  return wholeNumber({ min, max, fallback, unit: '' })
}

/** A time in milliseconds; the variable's name ends in `_MS`. */
export function duration({ min = 0, max = Number.MAX_SAFE_INTEGER, fallback }: WholeNumberLimits) {
  return wholeNumber({ min, max, fallback, unit: ' milliseconds' })
}

/** A size in bytes; the variable's name has `BYTES` in it. */
export function bytes({ min = 0, max = Number.MAX_SAFE_INTEGER, fallback }: WholeNumberLimits) {
  return wholeNumber({ min, max, fallback, unit: ' bytes' })
}

/** A TCP port; 0 means any free port. */
export function port(fallback: number) {
  return wholeNumber({ min: 0, max: PORT_MAX, fallback, unit: '' })
}

/** `true` or `false`; nothing else is guessed. */
export function flag() {
  return z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((text) => text === 'true')
}

/** The least severe lines that are logged; `silent` logs nothing. */
export function logLevel() {
  const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
  return z.enum(levels, { error: `must be one of ${levels.join(', ')}` }).default('info')
}

/** A password or token. What is wrong with it is told without showing it. */
export function secret() {
  return z
    .string()
    .max(SECRET_CHARACTERS_MAX, { error: `must be at most ${SECRET_CHARACTERS_MAX} characters` })
    .regex(/^[\x21-\x7e]*$/, { error: 'must be printable ASCII without spaces' })
}

interface WholeNumber {
  readonly min: number
  readonly max: number
  readonly fallback: number | undefined
  readonly unit: string
}

function wholeNumber({ min, max, fallback, unit }: WholeNumber) {
  const error =
    max === Number.MAX_SAFE_INTEGER
      ? `must be a whole number of at least ${min}${unit}`
      : `must be a whole number from ${min} to ${max}${unit}`
  const digits = z
    .string()
    .regex(/^\s*\d{1,16}\s*$/, { error })
    .transform(Number)
    .pipe(z.number().int({ error }).min(min, { error }).max(max, { error }))
  // A union, not `.default()`: zod's default of a pipe is an input, and would have to be a string.
  return fallback === undefined ? digits : digits.optional().transform((value) => value ?? fallback)
}

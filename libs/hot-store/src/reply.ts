import { HotStoreError } from './errors.ts'

/** Reads a reply as an array. @throws {HotStoreError} `corrupt`. */
export function toArray(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw unexpected('an array', reply)
  return reply
}

/** Reads a reply as text. @throws {HotStoreError} `corrupt`. */
export function toText(reply: unknown): string {
  if (typeof reply !== 'string') throw unexpected('text', reply)
  return reply
}

/** Reads a reply as a non-negative whole number; `fallback` where Redis has none. @throws {HotStoreError} `corrupt`. */
export function toInteger(reply: unknown, fallback?: number): number {
  if ((reply === null || reply === undefined) && fallback !== undefined) return fallback
  const value = typeof reply === 'number' ? reply : integerOf(reply)
  if (!Number.isSafeInteger(value)) throw unexpected('a whole number', reply)
  return value
}

function integerOf(reply: unknown): number {
  return typeof reply === 'string' && /^-?\d{1,16}$/.test(reply) ? Number(reply) : Number.NaN
}

function unexpected(what: string, reply: unknown): HotStoreError {
  const shown = JSON.stringify(reply)?.slice(0, 100) ?? typeof reply
  return new HotStoreError('corrupt', `expected ${what}, Redis answered ${shown}`)
}

import type { LogRecord, Position } from './types.ts'

const SURROGATE_MIN = 0xd800
const SURROGATE_END = 0xe000

/**
 * Compares places in the order of records: sent time, then record key. Negative when `left` comes
 * first, 0 only for the same place.
 */
export function comparePositions(left: Position, right: Position): number {
  return left.sentAtMs - right.sentAtMs || compareText(left.key, right.key)
}

/**
 * Compares records in the order of a by-channel segment: channel id (as ASCII text, as Parquet
 * statistics and every engine sort it), then {@link comparePositions}.
 */
export function compareRecords(
  left: Position & Pick<LogRecord, 'channelId'>,
  right: Position & Pick<LogRecord, 'channelId'>,
): number {
  return compareText(left.channelId, right.channelId) || comparePositions(left, right)
}

/** Compares records in the order of a by-user segment: user id, then {@link compareRecords}. */
export function compareUserRecords(
  left: Position & Pick<LogRecord, 'userId' | 'channelId'>,
  right: Position & Pick<LogRecord, 'userId' | 'channelId'>,
): number {
  return compareText(left.userId, right.userId) || compareRecords(left, right)
}

/** For ASCII only: there, the order of UTF-16 code units is the order of bytes. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

/**
 * Compares well-formed strings by code point, which is the order of their UTF-8 bytes and so that of Parquet. `<`
 * compares UTF-16 units: it puts U+1F602, two surrogates, before U+FF5E.
 */
export function compareCodePoints(left: string, right: string): number {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  let at = 0
  while (at < length && left.charCodeAt(at) === right.charCodeAt(at)) at += 1
  if (at === length) return left.length - right.length
  const a = left.charCodeAt(at)
  const b = right.charCodeAt(at)
  const isEither = a >= SURROGATE_MIN && b >= SURROGATE_MIN
  // Surrogates stand for code points beyond all others.
  return isEither && a < SURROGATE_END !== b < SURROGATE_END ? b - a : a - b
}

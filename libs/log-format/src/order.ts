import type { LogRecord, Position } from './types.ts'

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

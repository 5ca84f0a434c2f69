import type { Erased } from '@poglog/hot-store'
import type { LogRecord, WordCount } from '@poglog/log-format'
import { HOUR_MS, periodStart } from '../period.ts'

export const NOBODY: Erased = new Map()

/** Whether a record is one that its user asked to be erased: no job stores it again. */
export function isErased(
  { userId, sentAtMs }: Pick<LogRecord, 'userId' | 'sentAtMs'>,
  erased: Erased,
): boolean {
  const beforeMs = erased.get(userId)
  return beforeMs !== undefined && sentAtMs < beforeMs
}

/** Up to which hour counts of an erased user go that a segment written at `writtenMs` has; exclusive. */
export function erasedHoursToMs(beforeMs: number, writtenMs: number): number {
  // One that was written since the request was made without what he asked to erase, and may count in the hour of the
  // request what he said after it. Of earlier hours there is nothing to be kept: whatever the clocks said, it goes.
  return writtenMs < beforeMs ? beforeMs : periodStart(beforeMs, HOUR_MS)
}

/** Whether a count is of messages that its user asked to be erased. */
export function isErasedCount(
  { userId, hourMs }: Pick<WordCount, 'userId' | 'hourMs'>,
  erased: Erased,
  writtenMs: number,
): boolean {
  const beforeMs = erased.get(userId)
  return beforeMs !== undefined && hourMs < erasedHoursToMs(beforeMs, writtenMs)
}

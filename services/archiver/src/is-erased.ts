import type { Erased } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'

export const NOBODY: Erased = new Map()

/** Whether a record is one that its user asked to be erased: no job stores it again. */
export function isErased(
  { userId, sentAtMs }: Pick<LogRecord, 'userId' | 'sentAtMs'>,
  erased: Erased,
): boolean {
  const beforeMs = erased.get(userId)
  return beforeMs !== undefined && sentAtMs < beforeMs
}

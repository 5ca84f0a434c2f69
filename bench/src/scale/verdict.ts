import type { Run } from './run.ts'

/** Below that share of what was offered nobody has kept up. */
const SHARE_MIN = 0.95

/**
 * - `kept up`: lines were stored as fast as they were sent.
 * - `saturated`: they were sent in time, and not stored in time.
 * - `sender late`: the chat server had no processor time to send them in time, or nobody to send them to. Such a run
 *   says nothing of what poglog could have taken.
 */
export type Verdict = 'kept up' | 'saturated' | 'sender late'

export function verdictOf(
  run: Pick<Run, 'perSecond' | 'lines' | 'records' | 'sendMs' | 'storedInTime'>,
): Verdict {
  const { perSecond, lines, records, sendMs, storedInTime } = run
  if ((lines * 1000) / sendMs < perSecond * SHARE_MIN) return 'sender late'
  return storedInTime < records * SHARE_MIN ? 'saturated' : 'kept up'
}

/** Whether rates need not go further: two were too much. */
export function isEnough(verdicts: readonly Verdict[]): boolean {
  return verdicts.filter((verdict) => verdict !== 'kept up').length >= 2
}

import { recordTag } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { RECEIVED_APART_MS_MAX } from '../limits.ts'

const DIGITS = /^\d{1,15}$/

/** A record and when it counts as received, milliseconds since the Unix epoch: what `rm-received-ts` says. */
export interface Received {
  readonly record: LogRecord
  readonly receivedMs: number
}

/**
 * When a record counts as received: its arrival where that is near the time it was sent, as it is for live chat; else
 * the time it was sent. A line that came to us late (it waited while Redis was away, was restored, imported or replayed)
 * is shown at the time it belongs to. Of a line that another service received for us that service's time counts.
 */
export function receivedMsOf(record: LogRecord): number {
  const { sentAtMs } = record
  const receivedMs = Math.min(restoredMsOf(record) ?? Infinity, record.receivedAtMs)
  return Math.abs(receivedMs - sentAtMs) <= RECEIVED_APART_MS_MAX ? receivedMs : sentAtMs
}

function restoredMsOf(record: LogRecord): number | undefined {
  if (recordTag(record, 'historical') !== '1') return undefined
  const digits = recordTag(record, 'rm-received-ts') ?? ''
  return DIGITS.test(digits) ? Number(digits) : undefined
}

/** The order of an answer: by receive time, then as everywhere. */
export function compareReceived(left: Received, right: Received): number {
  return (
    left.receivedMs - right.receivedMs ||
    left.record.sentAtMs - right.record.sentAtMs ||
    (left.record.key < right.record.key ? -1 : 1)
  )
}

import type { AppendLine } from '@poglog/hot-store'
import type { OpenSpan } from '@poglog/service-kit'
import type { SpooledBatch } from './spool.ts'

/** Lines that are sent together. */
export interface Batch {
  /** Its place in the order of arrival. */
  readonly number: number
  readonly lines: readonly AppendLine[]
  /** What it counts in the buffer; 0 for lines read from the spool. */
  readonly bytes: number
  /** When its first line was offered, monotonic ms. */
  readonly offeredMs: number
  /** Where it is on disk, for lines read from the spool. */
  readonly spooled: SpooledBatch | undefined
  /** From the offer of its first line until it is in Redis or on disk. */
  readonly span: OpenSpan
}

const LINE_OVERHEAD_BYTES = 320

/**
 * What a line counts in the buffer: two bytes a UTF-16 unit, as V8 stores a string with any character
 * beyond Latin-1, and the objects around it.
 */
export function lineBytes(line: AppendLine): number {
  return line.raw.length * 2 + LINE_OVERHEAD_BYTES
}

/** Puts a batch that failed back where it belongs. */
export function insertInOrder(queue: Batch[], batch: Batch): void {
  const at = queue.findIndex(({ number }) => number > batch.number)
  queue.splice(at === -1 ? queue.length : at, 0, batch)
}

/**
 * Gives lines that carry no time (NOTICE, ROOMSTATE) one, before they go to disk: their arrival in Redis,
 * which they would take otherwise, may be hours later. The record key does not depend on it.
 */
export function withSentTimes(lines: readonly AppendLine[], nowMs: number): readonly AppendLine[] {
  return lines.map((line) => (line.sentAtMs === undefined ? { ...line, sentAtMs: nowMs } : line))
}

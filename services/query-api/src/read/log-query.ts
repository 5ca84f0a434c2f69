import { comparePositions } from '@poglog/log-format'
import type { LogRecord, Order, Position, RecordType } from '@poglog/log-format'
import type { IsVisible } from './hidden.ts'

/** Arrivals in Redis, `[fromMs, toMs)`, milliseconds since the Unix epoch. */
export interface ArrivalRange {
  readonly fromMs: number
  readonly toMs: number
}

/** Which records to read. Times are sent times, `[fromMs, toMs)`, milliseconds since the Unix epoch. */
export interface LogFilter {
  readonly fromMs: number
  readonly toMs: number
  readonly order: Order
  readonly types: ReadonlySet<RecordType>
  /** Only records that arrived then; whenever they arrived when absent. */
  readonly arrival?: ArrivalRange | undefined
  /** Only records of this user; those of everybody when absent. */
  readonly userId?: string | undefined
  /** Only records that pass this test, which no segment can do. */
  readonly isWanted?: ((record: LogRecord) => boolean) | undefined
  /**
   * Records whose arrival and sent time both lie before it are not wanted. Readers leave out what holds no others; they may
   * give some of them all the same.
   */
  readonly seenFromMs?: number | undefined
  /** Only records beyond this place, in the direction of `order`. */
  readonly after?: Position | undefined
  /** Records at most; all when absent. */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Set by the readers: tells records that are erased or kept no longer from those to show. */
  readonly isVisible?: IsVisible | undefined
}

/** The records of one channel. */
export interface ChannelQuery extends LogFilter {
  readonly channelId: string
}

/** Compares places in the direction of an order: negative when `left` comes first. */
export type ComparePlaces = (left: Position, right: Position) => number

export function placesIn(order: Order): ComparePlaces {
  return order === 'asc' ? comparePositions : (left, right) => comparePositions(right, left)
}

/** Whether a sent time can lie in what is left of the query's range. */
export function isTimeWanted({ fromMs, toMs, order, after }: LogFilter, sentAtMs: number): boolean {
  if (sentAtMs < fromMs || sentAtMs >= toMs) return false
  if (after === undefined) return true
  return order === 'asc' ? sentAtMs >= after.sentAtMs : sentAtMs <= after.sentAtMs
}

/** Whether records with sent times in `[minMs, maxMs]` can lie in what is left of the range. */
export function isRangeWanted(
  { fromMs, toMs, order, after }: LogFilter,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
): boolean {
  if (maxMs < fromMs || minMs >= toMs) return false
  if (after === undefined) return true
  return order === 'asc' ? maxMs >= after.sentAtMs : minMs <= after.sentAtMs
}

/** Whether any of records that arrived and were sent up to these times is wanted for it, see `seenFromMs`. */
export function isSeenWanted(
  { seenFromMs }: LogFilter,
  { arrivedToMs, maxMs }: { readonly arrivedToMs: number; readonly maxMs: number },
): boolean {
  return seenFromMs === undefined || Math.max(arrivedToMs, maxMs) >= seenFromMs
}

/** The test of what segments cannot test themselves: arrival, a query's own, what is hidden; `undefined` when there is none. */
export function recordTest({
  isWanted,
  isVisible,
  arrival,
}: LogFilter): ((record: LogRecord) => boolean) | undefined {
  const tests = [arrivalTest(arrival), isVisible, isWanted].filter((test) => test !== undefined)
  return tests.length === 0 ? undefined : (record) => tests.every((test) => test(record))
}

function arrivalTest(
  arrival: ArrivalRange | undefined,
): ((record: LogRecord) => boolean) | undefined {
  if (arrival === undefined) return undefined
  const { fromMs, toMs } = arrival
  return ({ receivedAtMs }) => receivedAtMs >= fromMs && receivedAtMs < toMs
}

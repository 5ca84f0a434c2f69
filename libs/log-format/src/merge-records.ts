import { comparePositions } from './order.ts'
import type { LogRecord, Order } from './types.ts'

const BATCH_RECORDS = 512

/** Counts what {@link mergeRecords} dropped. In health it stays 0: a record lives in one place. */
export interface MergeCount {
  duplicates: number
}

/** One source with its current batch; `record` is the next to hand out. */
interface Head {
  readonly source: AsyncIterator<LogRecord[]>
  readonly rank: number
  batch: readonly LogRecord[]
  at: number
  record: LogRecord
}

/**
 * Merges sources that are each in `order` (of {@link comparePositions}) into one, in batches.
 *
 * Of records at one place with one key the first source's stays and the others are dropped; `count`,
 * where given, says how many. Holds one batch a source. When the caller stops early or a source
 * fails, every source is closed.
 *
 * @throws Error when a source is not in order.
 */
export async function* mergeRecords(
  sources: readonly AsyncIterable<LogRecord[]>[],
  order: Order,
  count: MergeCount = { duplicates: 0 },
): AsyncGenerator<LogRecord[]> {
  const sign = order === 'asc' ? 1 : -1
  const isBefore = (left: Head, right: Head): boolean =>
    (sign * comparePositions(left.record, right.record) || left.rank - right.rank) < 0
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  try {
    const started = await Promise.all(iterators.map(openHead))
    const heap: Head[] = []
    for (const head of started) if (head !== undefined) push(heap, head, isBefore)
    let batch: LogRecord[] = []
    let last: LogRecord | undefined
    for (let head = heap[0]; head !== undefined; head = heap[0]) {
      const { record } = head
      const step = last === undefined ? 1 : sign * comparePositions(record, last)
      if (step < 0) throw new Error(`merge source ${head.rank} is not in ${order} order`)
      if (step === 0) count.duplicates += 1
      else batch.push(record)
      last = record
      head.at += 1
      const next = head.batch[head.at]
      if (next !== undefined) head.record = next
      if (next === undefined && !(await refill(head))) pop(heap, isBefore)
      else sink(heap, isBefore)
      if (batch.length >= BATCH_RECORDS) {
        yield batch
        batch = []
      }
    }
    if (batch.length > 0) yield batch
  } finally {
    await Promise.allSettled(iterators.map(async (iterator) => iterator.return?.()))
  }
}

async function openHead(
  source: AsyncIterator<LogRecord[]>,
  rank: number,
): Promise<Head | undefined> {
  const batch = await nextBatch(source)
  const record = batch?.[0]
  if (batch === undefined || record === undefined) return undefined
  return { source, rank, batch, at: 0, record }
}

async function refill(head: Head): Promise<boolean> {
  const batch = await nextBatch(head.source)
  const record = batch?.[0]
  if (batch === undefined || record === undefined) return false
  head.batch = batch
  head.at = 0
  head.record = record
  return true
}

/** The next batch that is not empty, `undefined` at the end. */
async function nextBatch(source: AsyncIterator<LogRecord[]>): Promise<LogRecord[] | undefined> {
  for (;;) {
    const step: IteratorResult<LogRecord[], unknown> = await source.next()
    if (step.done === true) return undefined
    if (step.value.length > 0) return step.value
  }
}

type IsBefore = (left: Head, right: Head) => boolean

function push(heap: Head[], head: Head, isBefore: IsBefore): void {
  let at = heap.push(head) - 1
  while (at > 0) {
    const parentAt = (at - 1) >> 1
    const parent = heap[parentAt]
    if (parent === undefined || !isBefore(head, parent)) break
    heap[at] = parent
    at = parentAt
  }
  heap[at] = head
}

function pop(heap: Head[], isBefore: IsBefore): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  heap[0] = last
  sink(heap, isBefore)
}

/** Moves the head at the root down to where it belongs. */
function sink(heap: Head[], isBefore: IsBefore): void {
  const head = heap[0]
  if (head === undefined) return
  let at = 0
  for (;;) {
    const left = heap[2 * at + 1]
    const right = heap[2 * at + 2]
    if (left === undefined) break
    const isRight = right !== undefined && isBefore(right, left)
    const child = isRight ? right : left
    if (!isBefore(child, head)) break
    heap[at] = child
    at = 2 * at + (isRight ? 2 : 1)
  }
  heap[at] = head
}

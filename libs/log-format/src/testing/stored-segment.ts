import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { encodeSegment } from '../encode-segment.ts'
import { encodeWords } from '../encode-words.ts'
import type { EncodeOptions } from '../segment-writer.ts'
import { readSegment } from '../read-segment.ts'
import { plainRecord } from '../record-text.ts'
import { bytesOf } from './bytes-of.ts'
import { testIdentity } from '../testing.ts'
import type {
  LogRecord,
  SegmentIdentity,
  SegmentQuery,
  SegmentSource,
  SegmentSummary,
  WordCount,
} from '../types.ts'

const KEY = 'by-channel/test.parquet'

export interface StoredSegment {
  readonly source: SegmentSource
  readonly summary: SegmentSummary
  readonly bytes: Uint8Array
  /** Every range that was asked for, in order. */
  readonly requests: { readonly start: number; readonly end: number }[]
}

/** Encodes records and puts them into a store in memory. */
export async function storedSegment(
  records: Iterable<LogRecord>,
  options?: EncodeOptions,
  identity: SegmentIdentity = testIdentity(),
): Promise<StoredSegment> {
  const { body, summary } = await encodeSegment(records, identity, options)
  const bytes = bytesOf(body)
  return { ...(await storedBytes(bytes)), summary, bytes }
}

/** Encodes rows of word counts and puts them into a store in memory. */
export async function storedWords(rows: readonly WordCount[]): Promise<StoredSegment> {
  const identity = testIdentity({ projection: 'words', level: 'day' })
  const { body, summary } = await encodeWords([rows], identity)
  const bytes = bytesOf(body)
  return { ...(await storedBytes(bytes)), summary, bytes }
}

/** Puts bytes into a store in memory as if they were a segment of `sizeBytes`. */
export async function storedBytes(
  bytes: Uint8Array,
  sizeBytes = bytes.length,
): Promise<Pick<StoredSegment, 'source' | 'requests'>> {
  const memory = memoryObjectStore()
  await memory.put(KEY, bytes)
  const requests: { start: number; end: number }[] = []
  const store: ObjectStore = {
    put: (key, body, options) => memory.put(key, body, options),
    get: (key, options) => {
      requests.push(options?.range ?? { start: 0, end: sizeBytes })
      return memory.get(key, options)
    },
    size: (key) => memory.size(key),
    list: (prefix) => memory.list(prefix),
    delete: (key) => memory.delete(key),
    deleteMany: (keys) => memory.deleteMany(keys),
    close: () => memory.close(),
  }
  return { source: { store, key: KEY, sizeBytes }, requests }
}

/** Everything a query yields, as plain objects; without a query, the whole segment. */
export async function readAll(
  source: SegmentSource,
  query: Partial<SegmentQuery> = {},
): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  const whole = { fromMs: 0, toMs: Number.POSITIVE_INFINITY, order: 'asc' } as const
  for await (const batch of readSegment(source, { ...whole, ...query })) {
    records.push(...batch.map(plainRecord))
  }
  return records
}

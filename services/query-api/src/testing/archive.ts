import type { SegmentEntry } from '@poglog/hot-store'
import {
  addCounts,
  compareRecords,
  compareWordCounts,
  encodeSegment,
  encodeWords,
  mergeSorted,
  segmentKey,
  WordCounter,
} from '@poglog/log-format'
import type { LogRecord, SegmentIdentity, WordCount } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'

const HOUR_MS = 3_600_000
const ENCODE = { level: 1 } as const
const ULID_DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

type Kind = Pick<SegmentIdentity, 'projection' | 'level'>

/** Makes segments of one shard as an archiver would, for whatever manifest a test keeps. */
export class Archive {
  readonly #cold: ObjectStore
  #number = 0

  constructor(cold: ObjectStore) {
    this.#cold = cold
  }

  /** Records as an uncovered segment; no entry where there is no record. */
  async hour(records: readonly LogRecord[]): Promise<SegmentEntry[]> {
    return await this.#byChannel(records, 'hour')
  }

  /** Records as a covered segment with its word counts. */
  async group(records: readonly LogRecord[]): Promise<SegmentEntry[]> {
    const byChannel = await this.#byChannel(records, 'day')
    const counter = new WordCounter()
    for (const record of records) counter.add(record)
    return [...byChannel, ...(await this.#words(counter.take(), 'day'))]
  }

  /** Word counts of several groups as one segment. */
  async foldWords(groups: readonly (readonly WordCount[])[]): Promise<SegmentEntry[]> {
    const sources = groups.map((rows) => inOne(rows))
    const merge = { compare: compareWordCounts, combine: addCounts }
    const rows: WordCount[] = []
    for await (const batch of mergeSorted(sources, merge)) rows.push(...batch)
    return await this.#words(rows, 'fold')
  }

  async #byChannel(records: readonly LogRecord[], level: 'hour' | 'day'): Promise<SegmentEntry[]> {
    if (records.length === 0) return []
    const identity = this.#identity({ projection: 'by-channel', level })
    const encoded = await encodeSegment(records.toSorted(compareRecords), identity, ENCODE)
    return [await this.#put(identity, encoded)]
  }

  async #words(rows: readonly WordCount[], level: 'day' | 'fold'): Promise<SegmentEntry[]> {
    if (rows.length === 0) return []
    const identity = this.#identity({ projection: 'words', level })
    return [await this.#put(identity, await encodeWords([rows], identity, ENCODE))]
  }

  #identity(kind: Kind): SegmentIdentity {
    this.#number += 1
    return {
      shard: 0,
      shards: 1,
      number: this.#number,
      arrivalFromMs: 0,
      arrivalToMs: HOUR_MS,
      ...kind,
    }
  }

  async #put(
    identity: SegmentIdentity,
    { body, summary }: Awaited<ReturnType<typeof encodeSegment>>,
  ): Promise<SegmentEntry> {
    const key = segmentKey(identity, ulidOf(identity.number))
    await this.#cold.put(key, body)
    const { number, projection, level, arrivalFromMs, arrivalToMs } = identity
    return { key, number, projection, level, arrivalFromMs, arrivalToMs, ...summary }
  }
}

/** The word counts of records, as the segment of a group has them. */
export function countsOf(records: readonly LogRecord[]): WordCount[] {
  const counter = new WordCounter()
  for (const record of records) counter.add(record)
  return counter.take()
}

function ulidOf(number: number): string {
  const last = ULID_DIGITS[number % ULID_DIGITS.length] ?? '0'
  const before = ULID_DIGITS[Math.floor(number / ULID_DIGITS.length)] ?? '0'
  return `01ARZ3NDEKTSV4RRFFQ69G5F${before}${last}`
}

async function* inOne(rows: readonly WordCount[]): AsyncGenerator<readonly WordCount[]> {
  if (rows.length > 0) yield rows
}

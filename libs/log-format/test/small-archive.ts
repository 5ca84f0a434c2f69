import type { ObjectStore } from '@poglog/object-store'
import {
  compareUserRecords,
  encodeSegment,
  encodeWords,
  segmentKey,
  WordCounter,
} from '@poglog/log-format'
import type { EncodedSegment, LogRecord, SegmentIdentity } from '@poglog/log-format'
import { generateRecords, testIdentity } from '@poglog/log-format/testing'
import { monotonicFactory } from 'ulid'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAY_START_MS = Date.UTC(2026, 10, 21)

/** What a small archive holds; what a query must find. */
export interface SmallArchive {
  readonly records: readonly LogRecord[]
  /** Those that by-user and words have: of the day that is compacted. */
  readonly covered: readonly LogRecord[]
}

/**
 * Writes an archive as the archiver leaves it just after a fold: a day of which hours, day, runs, words and folds are
 * all still there, though only the last of each count, and an hour of the next day that is not compacted yet.
 */
export async function writeSmallArchive(store: ObjectStore): Promise<SmallArchive> {
  const covered = [...generateRecords({ channels: 3, recordsEach: 400, users: 40 })]
  const late = [...generateRecords({ channels: 3, recordsEach: 50, users: 40, seed: 2 })].map(
    (record) => nextDay(record),
  )
  const writer = new ArchiveWriter(store)
  const [first, second] = [covered.slice(0, 700), covered.slice(700)]
  const hours = [await writer.byChannel('hour', first), await writer.byChannel('hour', second)]
  const run = await writer.byUser('run', covered)
  const words = await writer.words('day', covered)
  await writer.byChannel('day', covered, { replaces: hours, companions: [run, words] })
  await writer.byUser('fold', covered, [run])
  await writer.words('fold', covered, [words])
  await writer.byChannel('hour', late, { arrivalFromMs: DAY_START_MS + DAY_MS })
  return { records: [...covered, ...late], covered }
}

class ArchiveWriter {
  readonly #store: ObjectStore
  readonly #newUlid = monotonicFactory()
  #number = 0

  constructor(store: ObjectStore) {
    this.#store = store
  }

  async byChannel(
    level: 'hour' | 'day',
    records: readonly LogRecord[],
    more: Partial<SegmentIdentity> = {},
  ): Promise<string> {
    return await this.#put(
      { level, ...more },
      async (identity) => await encodeSegment([records], identity),
    )
  }

  async byUser(
    level: 'run' | 'fold',
    records: readonly LogRecord[],
    replaces?: readonly string[],
  ): Promise<string> {
    const sorted = records.filter(({ userId }) => userId !== '').toSorted(compareUserRecords)
    return await this.#put(
      { projection: 'by-user', level, users: 0, replaces },
      async (identity) => await encodeSegment([sorted], identity),
    )
  }

  async words(
    level: 'day' | 'fold',
    records: readonly LogRecord[],
    replaces?: readonly string[],
  ): Promise<string> {
    const counter = new WordCounter()
    for (const record of records) counter.add(record)
    return await this.#put(
      { projection: 'words', level, replaces },
      async (identity) => await encodeWords([counter.take()], identity),
    )
  }

  async #put(
    what: Partial<SegmentIdentity>,
    encode: (identity: SegmentIdentity) => Promise<EncodedSegment>,
  ): Promise<string> {
    this.#number += 1
    const arrivalFromMs = what.arrivalFromMs ?? DAY_START_MS
    const identity = testIdentity({
      ...what,
      number: this.#number,
      arrivalFromMs,
      arrivalToMs: arrivalFromMs + DAY_MS,
    })
    const ulid = this.#newUlid(arrivalFromMs)
    const { body } = await encode(identity)
    await this.#store.put(segmentKey(identity, ulid), body)
    return ulid
  }
}

function nextDay(record: LogRecord): LogRecord {
  const { sentAtMs, receivedAtMs, raw } = record
  return {
    channelId: record.channelId,
    channelLogin: record.channelLogin,
    userId: record.userId,
    sentAtMs: sentAtMs + DAY_MS,
    receivedAtMs: receivedAtMs + DAY_MS,
    type: record.type,
    key: record.key,
    raw: raw.replace(`tmi-sent-ts=${sentAtMs}`, `tmi-sent-ts=${sentAtMs + DAY_MS}`),
  }
}

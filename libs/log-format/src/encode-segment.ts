import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import type { ObjectBody } from '@poglog/object-store'
import { BlockChecksums, writeTail } from './checksums.ts'
import { DigestSum } from './digest.ts'
import { compareRecords } from './order.ts'
import { columnsOf } from './row-group.ts'
import { METADATA_KEY, writeMetadata } from './segment-metadata.ts'
import type { LogRecord, SegmentIdentity, SegmentSummary } from './types.ts'
import { SegmentFile } from './write-parquet.ts'

const ROW_GROUP_RECORDS = 16_000
/** From here on a row group ends where its channel ends. */
const ROW_GROUP_RECORDS_MIN = 8_000
/** Keeps a row group of very long lines in bounds (characters of `raw`). */
const ROW_GROUP_LENGTH_MAX = 16_777_216
/** Level 9 takes 0.5 % off the size and costs twice as much of the time to compress. */
const ZSTD_LEVEL = 6

type Records = LogRecord | readonly LogRecord[]

export interface EncodeOptions {
  /** zstd level of the pages, 1 to 22; default 6. */
  readonly level?: number | undefined
  /** Where to write the body instead of keeping it in memory: a file that must not exist yet. */
  readonly path?: string | undefined
  /** by-channel `day`: asked at the end for {@link SegmentIdentity.companions}, which are known only then. */
  readonly companions?: (() => readonly string[]) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface EncodedSegment {
  readonly body: ObjectBody
  readonly summary: SegmentSummary
}

/**
 * Encodes records, one by one or in batches, into a by-channel segment.
 *
 * Holds one row group of records, plus the compressed body unless `path` is given. Every line has been
 * rebuilt from its columns and compared; read the stored object back with `verifySegment` before
 * anything else is given up (A1).
 *
 * @param records in the order of {@link compareRecords}, no two at one place, at least one.
 * @throws Error when they are not; a file at `path` may be left.
 */
export async function encodeSegment(
  records: Iterable<Records> | AsyncIterable<Records>,
  identity: SegmentIdentity,
  { level = ZSTD_LEVEL, path, signal }: EncodeOptions = {},
): Promise<EncodedSegment> {
  const file = path === undefined ? undefined : await open(path, 'wx')
  try {
    const encoder = new SegmentEncoder(level, file)
    if (Symbol.iterator in records) await addAll(encoder, records, signal)
    else for await (const piece of records) await addAll(encoder, [piece], signal)
    return await encoder.finish(identity, path)
  } finally {
    await file?.close()
  }
}

async function addAll(
  encoder: SegmentEncoder,
  pieces: Iterable<Records>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const piece of pieces) {
    for (const record of isBatch(piece) ? piece : [piece]) {
      const written = encoder.add(record)
      if (written === undefined) continue
      await written
      signal?.throwIfAborted()
    }
  }
}

function isBatch(piece: Records): piece is readonly LogRecord[] {
  return Array.isArray(piece)
}

class SegmentEncoder {
  readonly #parquet: SegmentFile
  readonly #file: FileHandle | undefined
  readonly #checksums = new BlockChecksums()
  readonly #digest = new DigestSum()
  readonly #body: Uint8Array[] = []
  #group: LogRecord[] = []
  #groupLength = 0
  #last: LogRecord | undefined
  #records = 0
  #sizeBytes = 0
  #sentMinMs = Number.POSITIVE_INFINITY
  #sentMaxMs = Number.NEGATIVE_INFINITY

  constructor(level: number, file: FileHandle | undefined) {
    this.#parquet = new SegmentFile(level)
    this.#file = file
  }

  /** Returns a promise only when a row group was written: awaiting each record would cost more than encoding it. */
  add(record: LogRecord): Promise<void> | undefined {
    const last = this.#last
    if (last !== undefined && compareRecords(last, record) >= 0) {
      throw new Error(`records are not sorted or equal at ${record.channelId} ${record.key}`)
    }
    const isFull =
      this.#group.length >= ROW_GROUP_RECORDS ||
      this.#groupLength >= ROW_GROUP_LENGTH_MAX ||
      (this.#group.length >= ROW_GROUP_RECORDS_MIN && last?.channelId !== record.channelId)
    const group = isFull ? this.#takeGroup() : undefined
    this.#last = record
    this.#group.push(record)
    this.#groupLength += record.raw.length
    this.#records += 1
    this.#digest.add(record)
    if (record.sentAtMs < this.#sentMinMs) this.#sentMinMs = record.sentAtMs
    if (record.sentAtMs > this.#sentMaxMs) this.#sentMaxMs = record.sentAtMs
    return group === undefined ? undefined : this.#writeGroup(group)
  }

  async finish(identity: SegmentIdentity, path: string | undefined): Promise<EncodedSegment> {
    if (this.#group.length > 0) await this.#writeGroup(this.#takeGroup())
    if (this.#records === 0) throw new Error('a segment needs at least one record')
    const summary = {
      records: this.#records,
      sentMinMs: this.#sentMinMs,
      sentMaxMs: this.#sentMaxMs,
      digest: this.#digest.toString(),
    }
    const metadata = new Map([[METADATA_KEY, writeMetadata({ identity, summary })]])
    const { indexes, footer } = this.#parquet.finish(metadata)
    this.#checksums.update(indexes)
    await this.#append(indexes)
    await this.#append(writeTail(this.#checksums.finish(), footer))
    await this.#file?.sync()
    const sizeBytes = this.#sizeBytes
    const body = path === undefined ? this.#body : { path, sizeBytes }
    return { body, summary: { ...summary, sizeBytes } }
  }

  #takeGroup(): LogRecord[] {
    const group = this.#group
    this.#group = []
    this.#groupLength = 0
    return group
  }

  async #writeGroup(group: readonly LogRecord[]): Promise<void> {
    if (this.#sizeBytes === 0) {
      const start = this.#parquet.start()
      this.#checksums.update(start)
      await this.#append(start)
    }
    const { bytes } = this.#parquet.writeRowGroup(columnsOf(group), group.length)
    this.#checksums.update(bytes)
    await this.#append(bytes)
    await setImmediate() // A row group takes 100 ms: let leases and health checks have their turn.
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#sizeBytes += bytes.length
    if (this.#file === undefined) this.#body.push(bytes)
    else await this.#file.writeFile(bytes)
  }
}

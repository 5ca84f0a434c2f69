import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import type { ObjectBody } from '@poglog/object-store'
import { BlockChecksums, writeTail } from './checksums.ts'
import { sumOfValues } from './column-sums.ts'
import type { ColumnSum } from './column-sums.ts'
import { COLUMNS, TABLES, WORD_COLUMNS } from './columns.ts'
import { METADATA_KEY, checkIdentity, writeMetadata } from './segment-metadata.ts'
import type { RowGroupProof, SegmentProof } from './segment-proof.ts'
import type { SegmentIdentity, SegmentSummary } from './types.ts'
import { SegmentFile } from './write-parquet.ts'
import type { ColumnData } from './write-parquet.ts'

/** Level 9 takes 0.5 % off the size and costs twice as much of the time to compress. */
const ZSTD_LEVEL = 6

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
  /** What `verifyStored` compares the stored segment with. */
  readonly proof: SegmentProof
}

/** A segment as it is being written: row groups one after the other, then indexes, checksums and footer. */
export class SegmentWriter implements AsyncDisposable {
  readonly #identity: SegmentIdentity
  readonly #options: EncodeOptions
  readonly #parquet: SegmentFile
  readonly #file: FileHandle | undefined
  readonly #checksums = new BlockChecksums()
  readonly #body: Uint8Array[] = []
  readonly #rowGroups: RowGroupProof[] = []
  #sizeBytes = 0

  private constructor(
    identity: SegmentIdentity,
    options: EncodeOptions,
    file: FileHandle | undefined,
  ) {
    this.#identity = identity
    this.#options = options
    this.#parquet = new SegmentFile(TABLES[identity.projection], options.level ?? ZSTD_LEVEL)
    this.#file = file
  }

  /** @throws Error for an identity that no segment can have; the file system's for its file. */
  static async open(identity: SegmentIdentity, options: EncodeOptions): Promise<SegmentWriter> {
    checkIdentity(identity)
    const { path } = options
    const file = path === undefined ? undefined : await open(path, 'wx')
    return new SegmentWriter(identity, options, file)
  }

  /**
   * @param sample the digest that {@link RowGroupProof.sample} asks for.
   * @throws the signal's reason.
   */
  async writeRowGroup(columns: ColumnData, rows: number, sample: string): Promise<void> {
    if (this.#sizeBytes === 0) await this.#appendData(this.#parquet.start())
    this.#rowGroups.push({ rows, columns: sumsOf(columns), sample })
    await this.#appendData(this.#parquet.writeRowGroup(columns, rows))
    await setImmediate() // A row group takes 100 ms: let leases and health checks have their turn.
    this.#options.signal?.throwIfAborted()
  }

  async finish(summary: Omit<SegmentSummary, 'sizeBytes'>): Promise<EncodedSegment> {
    if (this.#sizeBytes === 0) throw new Error('a segment needs at least one row')
    const { path, companions } = this.#options
    const identity =
      companions === undefined
        ? this.#identity
        : { ...this.#identity, companions: [...companions()] }
    const metadata = writeMetadata({ identity, summary })
    const { indexes, footer } = this.#parquet.finish(new Map([[METADATA_KEY, metadata]]))
    await this.#appendData(indexes)
    const layout = this.#checksums.finish()
    await this.#append(writeTail(layout, footer))
    await this.#file?.sync()
    const sizeBytes = this.#sizeBytes
    const body = path === undefined ? this.#body : { path, sizeBytes }
    const proof = { table: layout.table, metadata, rowGroups: this.#rowGroups }
    return { body, summary: { ...summary, sizeBytes }, proof }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close()
  }

  async #appendData(bytes: Uint8Array): Promise<void> {
    this.#checksums.update(bytes)
    await this.#append(bytes)
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#sizeBytes += bytes.length
    if (this.#file === undefined) this.#body.push(bytes)
    else await this.#file.writeFile(bytes)
  }
}

function sumsOf(columns: ColumnData): RowGroupProof['columns'] {
  const sums = new Map<keyof ColumnData, ColumnSum>()
  for (const { name } of [...COLUMNS, ...WORD_COLUMNS]) {
    const values = columns[name]
    if (values !== undefined) sums.set(name, sumOfValues(values))
  }
  return sums
}

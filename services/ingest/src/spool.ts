import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppendLine } from '@poglog/hot-store'
import type { ByteBudget } from './byte-budget.ts'
import { SegmentReader } from './segment-reader.ts'
import { SpoolError, isDiskFull } from './spool-error.ts'
import { diskFiles } from './spool-files.ts'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'
import { SPOOL_MAGIC, encodeFrame } from './spool-frame.ts'

const SEGMENT_BYTES_MAX = 8 * 1024 * 1024
const BATCH_LINES_MAX = 256
const SYNC_INTERVAL_MS = 1000
const FILE_NAME = /^(\d{12})\.spool$/

export interface SpoolOptions {
  readonly dir: string
  /** Bytes of all spools together. */
  readonly budget: ByteBudget
  readonly events: SpoolEvents
  /** A file takes no more frames once it is this long. Default 8 MiB. */
  readonly segmentBytesMax?: number
  /** A read stops at this many lines. Default 256. */
  readonly batchLinesMax?: number
  readonly files?: SpoolFiles
}

export interface SpoolEvents {
  /** Bytes of a file could not be read back. `torn`: a crash left the last frame half written. */
  readonly spoolLost: (loss: SpoolLoss) => void
}

export interface SpoolLoss {
  readonly file: string
  readonly lostBytes: number
  readonly cause: 'torn' | 'damaged'
}

/** Lines read back. They stay on disk until {@link Spool.acknowledge}. */
export interface SpooledBatch {
  readonly lines: readonly AppendLine[]
  readonly segment: SpoolSegment
}

/** One file of a spool. */
export interface SpoolSegment {
  readonly path: string
  /** Bytes that are wholly written. */
  sizeBytes: number
  /** Batches that were read and not yet acknowledged. */
  pendingBatches: number
  isRead: boolean
  isDamaged: boolean
}

interface Writer {
  readonly segment: SpoolSegment
  readonly file: SpoolFile
  syncedAtMs: number
  /** A sync under way; a slow disk must not hold up writing to the page cache. */
  syncing: Promise<void> | undefined
  syncError: unknown
}

/**
 * A queue of lines on disk: written at one end, read at the other, a file deleted once everything in
 * it was acknowledged. A killed process loses at most the frame it was writing; a crash of the
 * machine also what was written in its last second. Files that were only partly acknowledged come
 * again from their beginning, which the append script's de-duplication makes harmless. A file with
 * damage inside is kept as `*.damaged`, for the part that could not be read.
 */
export class Spool {
  readonly #options: Required<SpoolOptions>
  readonly #segments: SpoolSegment[]
  #nextNumber: number
  #writer: Writer | undefined
  #reader: { readonly segment: SpoolSegment; readonly file: SegmentReader } | undefined
  #lastCall: Promise<unknown> = Promise.resolve()

  private constructor(options: Required<SpoolOptions>, segments: SpoolSegment[], next: number) {
    this.#options = options
    this.#segments = segments
    this.#nextNumber = next
  }

  /** Opens a folder, creating it when needed; what an earlier run left there is read first. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const { dir, budget } = options
    await mkdir(dir, { recursive: true })
    const names = (await readdir(dir)).filter((name) => FILE_NAME.test(name)).toSorted()
    const segments = await Promise.all(
      names.map(async (name) => {
        const path = join(dir, name)
        return newSegment(path, (await stat(path)).size)
      }),
    )
    for (const { sizeBytes } of segments) budget.take(sizeBytes)
    const last = FILE_NAME.exec(names.at(-1) ?? '')?.[1] ?? '0'
    const filled = {
      segmentBytesMax: SEGMENT_BYTES_MAX,
      batchLinesMax: BATCH_LINES_MAX,
      files: diskFiles,
      ...options,
    }
    return new Spool(filled, segments, Number(last) + 1)
  }

  /** Whether it holds nothing, neither unread nor unacknowledged. */
  get isEmpty(): boolean {
    return this.#segments.length === 0
  }

  /**
   * Writes lines as one frame behind all others.
   *
   * @throws {SpoolError} when nothing was written; trying again later is safe.
   */
  append(lines: readonly AppendLine[]): Promise<void> {
    return this.#exclusive(() => this.#append(encodeFrame(lines)))
  }

  /** Reads the next lines in order; `undefined` when all that is written was read. */
  read(): Promise<SpooledBatch | undefined> {
    return this.#exclusive(() => this.#read())
  }

  /** The lines are in Redis. The last acknowledgement of a file deletes it. */
  acknowledge({ segment }: SpooledBatch): Promise<void> {
    return this.#exclusive(async () => {
      segment.pendingBatches -= 1
      if (this.#isReadToEnd(segment)) await this.#finishReading(segment)
      await this.#removeWhenDone(segment)
    })
  }

  /** Makes everything durable and closes the files. */
  close(): Promise<void> {
    return this.#exclusive(async () => {
      try {
        await this.#closeReader()
      } finally {
        await this.#closeWriter()
      }
    })
  }

  /** One call after the other: a file must not be closed under a write. */
  #exclusive<Result>(call: () => Promise<Result>): Promise<Result> {
    const result = this.#lastCall.then(call)
    this.#lastCall = result.catch(() => undefined) // The caller gets the error.
    return result
  }

  async #append(frame: Buffer): Promise<void> {
    const { budget } = this.#options
    if (!budget.tryTake(frame.length)) throw new SpoolError('full')
    try {
      const writer = await this.#openWriter()
      const { file, segment } = writer
      const { bytesWritten } = await file.write(frame, { position: segment.sizeBytes })
      if (bytesWritten < frame.length) throw new SpoolError('full')
      segment.sizeBytes += frame.length
      syncWhenDue(writer)
    } catch (cause) {
      budget.release(frame.length)
      await this.#undoWrite()
      if (cause instanceof SpoolError) throw cause
      throw new SpoolError(isDiskFull(cause) ? 'full' : 'unavailable', { cause })
    }
  }

  async #openWriter(): Promise<Writer> {
    const { segmentBytesMax, budget, dir, files } = this.#options
    if (this.#writer?.syncError !== undefined) {
      const cause = this.#writer.syncError
      this.#writer.syncError = undefined
      throw cause
    }
    if (this.#writer !== undefined && this.#writer.segment.sizeBytes < segmentBytesMax) {
      return this.#writer
    }
    await this.#closeWriter()
    const path = join(dir, `${String(this.#nextNumber).padStart(12, '0')}.spool`)
    const file = await files.open(path, 'wx')
    this.#nextNumber += 1
    const segment = newSegment(path, 0)
    this.#segments.push(segment)
    this.#writer = {
      segment,
      file,
      syncedAtMs: performance.now(),
      syncing: undefined,
      syncError: undefined,
    }
    await file.write(SPOOL_MAGIC, { position: 0 })
    segment.sizeBytes = SPOOL_MAGIC.length
    budget.take(SPOOL_MAGIC.length)
    return this.#writer
  }

  /** Cuts off what a failed write left, or writes no more to a file where that fails as well. */
  async #undoWrite(): Promise<void> {
    const writer = this.#writer
    if (writer === undefined) return
    try {
      await writer.file.truncate(writer.segment.sizeBytes)
      if (writer.segment.sizeBytes === 0) this.#writer = undefined
    } catch {
      this.#writer = undefined // The failed write itself is what is told.
    }
    if (this.#writer === undefined) await writer.file.close().catch(() => undefined)
  }

  async #read(): Promise<SpooledBatch | undefined> {
    for (;;) {
      const segment = this.#segments.find(({ isRead }) => !isRead)
      if (segment === undefined) return undefined
      const { lines, lostBytes, cause } = await this.#readPage(segment)
      if (lostBytes > 0) {
        segment.isDamaged ||= cause === 'damaged'
        this.#options.events.spoolLost({ file: segment.path, lostBytes, cause })
      }
      if (lines.length > 0) {
        segment.pendingBatches += 1
        return { lines, segment }
      }
      if (lostBytes > 0) continue
      if (segment === this.#writer?.segment) return undefined
      await this.#finishReading(segment)
      await this.#removeWhenDone(segment)
    }
  }

  async #readPage(segment: SpoolSegment): ReturnType<SegmentReader['next']> {
    if (this.#reader?.segment !== segment) {
      await this.#closeReader()
      this.#reader = { segment, file: await SegmentReader.open(segment.path, this.#options.files) }
    }
    return this.#reader.file.next({
      endBytes: segment.sizeBytes,
      linesMax: this.#options.batchLinesMax,
    })
  }

  #isReadToEnd(segment: SpoolSegment): boolean {
    if (segment.isRead || segment.pendingBatches > 0) return segment.isRead
    return this.#reader?.segment === segment && this.#reader.file.offset === segment.sizeBytes
  }

  async #finishReading(segment: SpoolSegment): Promise<void> {
    segment.isRead = true
    if (this.#reader?.segment === segment) await this.#closeReader()
    if (this.#writer?.segment === segment) await this.#closeWriter()
  }

  async #removeWhenDone(segment: SpoolSegment): Promise<void> {
    if (!segment.isRead || segment.pendingBatches > 0) return
    const at = this.#segments.indexOf(segment)
    if (at === -1) return
    this.#segments.splice(at, 1)
    this.#options.budget.release(segment.sizeBytes)
    const { files } = this.#options
    if (segment.isDamaged) await files.rename(segment.path, `${segment.path}.damaged`)
    else await files.rm(segment.path, { force: true })
  }

  async #closeReader(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    await reader?.file.close()
  }

  async #closeWriter(): Promise<void> {
    const writer = this.#writer
    this.#writer = undefined
    if (writer === undefined) return
    await writer.syncing
    try {
      if (!writer.segment.isRead) await writer.file.datasync()
    } finally {
      await writer.file.close()
    }
  }
}

function newSegment(path: string, sizeBytes: number): SpoolSegment {
  return { path, sizeBytes, pendingBatches: 0, isRead: false, isDamaged: false }
}

/** A write is in the page cache at once, which outlives the process; the disk follows once a second. */
function syncWhenDue(writer: Writer): void {
  const nowMs = performance.now()
  if (writer.syncing !== undefined || nowMs - writer.syncedAtMs < SYNC_INTERVAL_MS) return
  writer.syncing = writer.file
    .datasync()
    .catch((error: unknown) => {
      writer.syncError = error // The next append tells it.
    })
    .finally(() => {
      writer.syncing = undefined
      writer.syncedAtMs = performance.now()
    })
}

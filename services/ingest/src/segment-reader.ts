import type { AppendLine } from '@poglog/hot-store'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'
import { SPOOL_MAGIC, decodeFrame } from './spool-frame.ts'

const READ_BYTES = 256 * 1024

/** What one {@link SegmentReader.next} got. `lostBytes` could not be read back and were passed over. */
export interface SegmentPage {
  readonly lines: readonly AppendLine[]
  readonly lostBytes: number
  /** `torn`: the file ends inside a frame, as a crash leaves it. `damaged`: its bytes have changed. */
  readonly cause: 'torn' | 'damaged'
}

/** Reads one spool file from front to back, also while it is being written. */
export class SegmentReader {
  readonly #file: SpoolFile
  #offset = 0

  private constructor(file: SpoolFile) {
    this.#file = file
  }

  static async open(path: string, files: SpoolFiles): Promise<SegmentReader> {
    return new SegmentReader(await files.open(path, 'r'))
  }

  get offset(): number {
    return this.#offset
  }

  /**
   * Reads whole frames before `endBytes` until it has `linesMax` lines or a good part of them.
   *
   * @param limits.endBytes how much of the file is written. No lines and nothing lost: all was read.
   */
  async next(limits: { endBytes: number; linesMax: number }): Promise<SegmentPage> {
    const { endBytes, linesMax } = limits
    const lines: AppendLine[] = []
    if (this.#offset === 0) {
      const magic = await this.#bytes(Math.min(SPOOL_MAGIC.length, endBytes))
      if (!magic.equals(SPOOL_MAGIC)) {
        return this.#lose(lines, endBytes, { isTorn: endBytes < SPOOL_MAGIC.length })
      }
      this.#offset = SPOOL_MAGIC.length
    }
    let bytes = await this.#bytes(Math.min(READ_BYTES, endBytes - this.#offset))
    let at = 0
    while (at < bytes.length && lines.length < linesMax) {
      const frame = decodeFrame(bytes, at)
      if (frame.kind === 'short') {
        // What was read before goes out first; the rest is read again from its beginning.
        if (lines.length > 0) break
        this.#offset += at
        const isWhole = this.#offset + frame.needBytes <= endBytes
        if (!isWhole) return this.#lose(lines, endBytes, { isTorn: true })
        bytes = await this.#bytes(Math.max(frame.needBytes, bytes.length))
        at = 0
      } else if (frame.kind === 'damaged') {
        this.#offset += at
        const nextOffset =
          frame.nextOffset === undefined ? endBytes : this.#offset + frame.nextOffset - at
        return this.#lose(lines, Math.min(nextOffset, endBytes), { isTorn: false })
      } else {
        lines.push(...frame.lines)
        at = frame.nextOffset
      }
    }
    this.#offset += at
    return { lines, lostBytes: 0, cause: 'torn' }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  #lose(lines: readonly AppendLine[], to: number, { isTorn }: { isTorn: boolean }): SegmentPage {
    const lostBytes = to - this.#offset
    this.#offset = to
    return { lines, lostBytes, cause: isTorn ? 'torn' : 'damaged' }
  }

  /** Up to `length` bytes from the offset on; fewer at the end of the file. */
  async #bytes(length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.#file.read(bytes, {
        offset: filled,
        length: length - filled,
        position: this.#offset + filled,
      })
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }
}

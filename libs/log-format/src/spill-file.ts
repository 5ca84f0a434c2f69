import { open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import { zstdCompress, zstdDecompress } from './zstd.ts'

/** Sorted runs are written and read once: speed counts, not size. */
const ZSTD_LEVEL = 1
/** Before each batch: bytes stored, bytes before compression, CRC-32 of the stored bytes; u32 little-endian. */
const HEADER_BYTES = 12
/** Small batches become one write. */
const WRITE_BYTES = 1_048_576

/** A temporary file of batches, to be written once and read once. */
export class SpillWriter implements AsyncDisposable {
  readonly #file: FileHandle
  #pending: Uint8Array[] = []
  #pendingBytes = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async create(path: string): Promise<SpillWriter> {
    return new SpillWriter(await open(path, 'wx'))
  }

  /** Returns a promise only when something was written to the file. */
  write(batch: readonly unknown[]): Promise<void> | undefined {
    const plain = serialize(batch)
    const stored = zstdCompress(plain, ZSTD_LEVEL)
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUInt32LE(stored.length, 0)
    header.writeUInt32LE(plain.length, 4)
    header.writeUInt32LE(crc32(stored), 8)
    this.#pending.push(header, stored)
    this.#pendingBytes += HEADER_BYTES + stored.length
    return this.#pendingBytes < WRITE_BYTES ? undefined : this.#flush()
  }

  async finish(): Promise<void> {
    await this.#flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    await this.#file.writeFile(bytes)
  }
}

/**
 * Yields the batches of a file that {@link SpillWriter} wrote, and deletes it at its end.
 *
 * @throws Error when its bytes are not what was written.
 */
export async function* readSpill<Item>(path: string): AsyncGenerator<Item[]> {
  const file = await open(path, 'r')
  try {
    for (;;) {
      const header = await readFully(file, HEADER_BYTES)
      if (header.length === 0) break
      if (header.length < HEADER_BYTES) throw new Error(`temporary file ${path} is cut short`)
      const stored = await readFully(file, header.readUInt32LE(0))
      if (stored.length < header.readUInt32LE(0) || crc32(stored) !== header.readUInt32LE(8)) {
        throw new Error(`temporary file ${path} is damaged`)
      }
      const batch: unknown = deserialize(zstdDecompress(stored, header.readUInt32LE(4)))
      if (!isBatchOf<Item>(batch)) throw new Error(`temporary file ${path} holds no batch`)
      yield batch
    }
  } finally {
    await file.close()
  }
  await unlink(path)
}

/** Up to `sizeBytes` bytes from where the last read ended; fewer at the end of the file. */
async function readFully(file: FileHandle, sizeBytes: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(sizeBytes)
  let at = 0
  while (at < sizeBytes) {
    const { bytesRead } = await file.read(bytes, at, sizeBytes - at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}

/** The checksum says that it is what this process wrote: the items it was given. */
function isBatchOf<Item>(batch: unknown): batch is Item[] {
  return Array.isArray(batch)
}

import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import type { LogRecord } from '@poglog/log-format'
import { writeFully } from '../write-fully.ts'

/** Characters of lines that are kept in memory; what comes after them goes to a file. */
const MEMORY_LENGTH_MAX = 16 * 1024 * 1024
/** Records of one piece, in memory or on the disk. */
const PIECE_RECORDS = 1000
/** Before each piece: its length and its CRC-32. */
const HEADER_BYTES = 8

/** Keeps any number of records, to be read in the order they came in, as often as is needed, in bounded memory. */
export class RecordSpool implements AsyncDisposable {
  readonly #workDir: string
  readonly #inMemory: (readonly LogRecord[])[] = []
  #inMemoryLength = 0
  #path: string | undefined
  #file: FileHandle | undefined
  #sizeBytes = 0
  #records = 0

  constructor(workDir: string) {
    this.#workDir = workDir
  }

  get records(): number {
    return this.#records
  }

  /** @throws the file system's error, for example on a full disk; the spool is of no use then. */
  async add(records: readonly LogRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += PIECE_RECORDS) {
      await this.#addPiece(records.slice(from, from + PIECE_RECORDS))
    }
  }

  /** @throws Error when the file does not hold what was written to it. */
  async *read(): AsyncGenerator<readonly LogRecord[]> {
    yield* this.#inMemory
    const header = Buffer.alloc(HEADER_BYTES)
    for (let at = 0; at < this.#sizeBytes;) {
      await this.#readFully(header, at)
      const length = header.readUInt32LE()
      if (at + HEADER_BYTES + length > this.#sizeBytes) throw changed()
      const piece = Buffer.allocUnsafe(length)
      await this.#readFully(piece, at + HEADER_BYTES)
      if (crc32(piece) !== header.readUInt32LE(4)) throw changed()
      at += HEADER_BYTES + piece.length
      yield recordsIn(piece)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    if (this.#path !== undefined) await rm(this.#path, { force: true })
  }

  async #addPiece(records: readonly LogRecord[]): Promise<void> {
    this.#records += records.length
    if (this.#inMemoryLength < MEMORY_LENGTH_MAX) {
      this.#inMemory.push(records)
      for (const { raw } of records) this.#inMemoryLength += raw.length
      return
    }
    this.#path ??= join(this.#workDir, `day-${randomUUID()}`)
    this.#file ??= await open(this.#path, 'wx+', 0o600)
    const piece = serialize(records)
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUInt32LE(piece.length)
    header.writeUInt32LE(crc32(piece), 4)
    await writeFully(this.#file, Buffer.concat([header, piece]), this.#sizeBytes)
    this.#sizeBytes += HEADER_BYTES + piece.length
  }

  async #readFully(target: Buffer, position: number): Promise<void> {
    if (this.#file === undefined) throw new Error('the spool is closed')
    const { bytesRead } = await this.#file.read(target, 0, target.length, position)
    if (bytesRead !== target.length)
      throw new Error('a temporary file is shorter than it was written')
  }
}

/** Only ever what this process wrote into a file that only this user may open. */
function recordsIn(piece: Buffer): readonly LogRecord[] {
  const records: unknown = deserialize(piece)
  if (!isRecords(records)) throw changed()
  return records
}

const changed = (): Error => new Error('a temporary file does not hold what was written')

function isRecords(value: unknown): value is readonly LogRecord[] {
  return Array.isArray(value)
}

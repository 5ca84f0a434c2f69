import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { LogRecord } from '@poglog/log-format'

/** Characters of lines that are kept in memory; what comes after them goes to a file. */
const MEMORY_LENGTH_MAX = 16 * 1024 * 1024
/** Records of one piece, in memory or on the disk. */
const PIECE_RECORDS = 1000
const LENGTH_BYTES = 4

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

  async *read(): AsyncGenerator<readonly LogRecord[]> {
    yield* this.#inMemory
    const header = Buffer.alloc(LENGTH_BYTES)
    for (let at = 0; at < this.#sizeBytes;) {
      await this.#readFully(header, at)
      const piece = Buffer.allocUnsafe(header.readUInt32LE())
      await this.#readFully(piece, at + LENGTH_BYTES)
      at += LENGTH_BYTES + piece.length
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
    const header = Buffer.alloc(LENGTH_BYTES)
    header.writeUInt32LE(piece.length)
    await this.#file.write(Buffer.concat([header, piece]), 0, undefined, this.#sizeBytes)
    this.#sizeBytes += LENGTH_BYTES + piece.length
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
  if (!isRecords(records)) throw new Error('a temporary file does not hold what was written')
  return records
}

function isRecords(value: unknown): value is readonly LogRecord[] {
  return Array.isArray(value)
}

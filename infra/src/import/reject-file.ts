import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Line } from './read-lines.ts'
import type { Rejection } from './tally.ts'

/** No reject file grows beyond it: whoever gives a wrong file would get it twice. */
const FILE_BYTES_MAX = 64 * 1024 * 1024
const TEXT_LENGTH_MAX = 2000

/** Where the lines go that an import could not take: one JSON object a line. Made when there is a first. */
export class RejectFile implements AsyncDisposable {
  readonly path: string
  #file: FileHandle | undefined
  #pending = ''
  #sizeBytes = 0
  #left = 0

  constructor(path: string) {
    this.path = path
  }

  /** Whether the file is there. */
  get isWritten(): boolean {
    return this.#file !== undefined
  }

  /** Lines that are not in the file because it has reached its size. */
  get leftOut(): number {
    return this.#left
  }

  add(source: string, { number, text }: Line, reason: Rejection): void {
    if (this.#sizeBytes >= FILE_BYTES_MAX) {
      this.#left += 1
      return
    }
    const entry = { source, line: number, reason, text: text.slice(0, TEXT_LENGTH_MAX) }
    const row = `${JSON.stringify(entry)}\n`
    this.#sizeBytes += Buffer.byteLength(row)
    this.#pending += row
  }

  /** @throws the file system's error. */
  async flush(): Promise<void> {
    if (this.#pending === '') return
    const text = this.#pending
    this.#pending = ''
    this.#file ??= await open(this.path, 'w')
    await this.#file.writeFile(text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#file?.close()
    }
  }
}

import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { Problem } from '../problem.ts'
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

  /** @throws {Problem} when there is such a file already: it may list what another import has rejected. */
  async checkFree(): Promise<void> {
    await this.#isSpecial()
  }

  /** @throws {Problem} as `checkFree`, or the file system's error. */
  async flush(): Promise<void> {
    if (this.#pending === '') return
    const text = this.#pending
    this.#pending = ''
    this.#file ??= await this.#open()
    await this.#file.writeFile(text)
  }

  async #open(): Promise<FileHandle> {
    return await open(this.path, (await this.#isSpecial()) ? 'w' : 'wx')
  }

  /** Whether it is there and no file: `/dev/null`, for example. */
  async #isSpecial(): Promise<boolean> {
    const found = await stat(this.path).catch(() => undefined)
    if (found?.isFile() !== true) return found !== undefined
    throw new Problem(`${this.path} is there already: name another file with --reject`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#file?.close()
    }
  }
}

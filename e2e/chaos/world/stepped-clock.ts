import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const SOURCE = join(import.meta.dirname, 'clock-offset.c')
const OFFSET_BYTES = 8
const US_PER_MS = 1000

/** The time of day of processes that are started with `env`, which can be stepped while they run. */
export class SteppedClock implements AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
  readonly #file: FileHandle

  private constructor(env: Readonly<Record<string, string>>, file: FileHandle) {
    this.env = env
    this.#file = file
  }

  /** Builds what the processes need, with the C compiler that the packages of this repository need too. */
  static async create(folder: string): Promise<SteppedClock> {
    const library = join(folder, 'clock-offset.so')
    const path = join(folder, 'clock-offset')
    await promisify(execFile)('cc', ['-shared', '-fPIC', '-O2', '-o', library, SOURCE])
    const file = await open(path, 'w+')
    await file.write(Buffer.alloc(OFFSET_BYTES), 0, OFFSET_BYTES, 0)
    return new SteppedClock({ LD_PRELOAD: library, CLOCK_OFFSET_FILE: path }, file)
  }

  /** From now on their clocks differ from the real one by so much. */
  async step(offsetMs: number): Promise<void> {
    const bytes = Buffer.alloc(OFFSET_BYTES)
    bytes.writeBigInt64LE(BigInt(Math.round(offsetMs * US_PER_MS)))
    await this.#file.write(bytes, 0, OFFSET_BYTES, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }
}

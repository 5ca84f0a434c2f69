import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

const entrySchema = z.object({ log: z.string(), unit: z.string() })

/**
 * Which units have been imported whole, so that importing them again does not even read them. One JSON object a line;
 * a line that was cut off by a crash is left out.
 *
 * Only a shortcut: without it everything is read and found to be known.
 */
export class Journal {
  readonly #path: string
  readonly #log: string
  readonly #done: Set<string>

  private constructor(path: string, log: string, done: Set<string>) {
    this.#path = path
    this.#log = log
    this.#done = done
  }

  /**
   * @param log tells one log from another that is used with the same data folder.
   * @param isIgnored to note units, but believe nothing that was noted before.
   */
  static async open(path: string, log: string, isIgnored = false): Promise<Journal> {
    const text = isIgnored ? '' : await readFile(path, 'utf8').catch(() => '')
    const done = new Set<string>()
    for (const line of text.split('\n')) {
      const entry = entrySchema.safeParse(parseJson(line))
      if (entry.success && entry.data.log === log) done.add(entry.data.unit)
    }
    return new Journal(path, log, done)
  }

  has(unit: string | undefined): boolean {
    return unit !== undefined && this.#done.has(unit)
  }

  /** Notes units that are in the log now. @throws the file system's error. */
  async add(units: readonly string[]): Promise<void> {
    const fresh = units.filter((unit) => !this.#done.has(unit))
    if (fresh.length === 0) return
    await mkdir(dirname(this.#path), { recursive: true })
    const atMs = Date.now()
    // A line feed first: the line before may have been cut off.
    const rows = fresh.map((unit) => `\n${JSON.stringify({ log: this.#log, unit, atMs })}`)
    await appendFile(this.#path, rows.join(''))
    for (const unit of fresh) this.#done.add(unit)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

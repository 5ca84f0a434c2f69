import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { LogRecord } from '@poglog/log-format'
import { DAY_MS } from './chat.ts'

const gzipped = promisify(gzip)
/** User files are sorted out of this many temporary ones, so that a month need not fit memory. */
const BUCKETS = 64
const FILES_AT_ONCE = 8
/** A line comes later than its sent time, but not by so much. */
const LATE_MS_MAX = 60_000
/** What justlog writes down: for the channel, and where it has a user also for the user. */
const LOGGED: ReadonlySet<string> = new Set(['PRIVMSG', 'USERNOTICE', 'CLEARCHAT'])

/**
 * Writes lines the way justlog keeps them when their day or month is over: each as gzip in
 * `<channel>/<year>/<month>/<day>/channel.txt.gz` and again in `<channel>/<year>/<month>/<user>.txt.gz`.
 *
 * @see https://github.com/gempir/justlog/tree/master/filelog, which compresses by Go's default level, zlib's 6.
 */
export class JustlogWriter {
  readonly #dir: string
  /** By path. */
  readonly #days = new Map<string, { dayMs: number; lines: string[] }>()
  readonly #buckets: string[][] = Array.from({ length: BUCKETS }, () => [])
  bytes = 0

  /** @param dir an empty or new folder */
  constructor(dir: string) {
    this.#dir = dir
  }

  /** Takes the lines of an hour, hours in order. */
  async addHour(records: readonly LogRecord[]): Promise<void> {
    const [first] = records
    if (first !== undefined) await this.#endDays(first.sentAtMs - DAY_MS - LATE_MS_MAX)
    for (const record of records) {
      if (!LOGGED.has(record.type)) continue
      const dayMs = record.sentAtMs - (record.sentAtMs % DAY_MS)
      this.#addToDay(record, dayMs)
      if (record.userId === '') continue
      const file = userFile(record.channelId, record.userId, dayMs)
      this.#buckets[Number(record.userId) % BUCKETS]?.push(`${file} ${record.raw}\n`)
    }
    await mkdir(this.#dir, { recursive: true })
    for (const [bucket, lines] of this.#buckets.entries()) {
      await appendFile(this.#bucket(bucket), lines.join(''))
      lines.length = 0
    }
  }

  /** Ends the last day and writes the users' files. */
  async finish(): Promise<void> {
    await this.#endDays(Infinity)
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const files = new Map<string, string[]>()
      for (const line of (await readFile(this.#bucket(bucket), 'utf8')).split('\n')) {
        const at = line.indexOf(' ')
        if (at === -1) continue
        const lines = files.get(line.slice(0, at))
        if (lines === undefined) files.set(line.slice(0, at), [line.slice(at + 1)])
        else lines.push(line.slice(at + 1))
      }
      await this.#writeAll([...files])
      await rm(this.#bucket(bucket))
    }
  }

  #addToDay(record: LogRecord, dayMs: number): void {
    const path = channelDayFile(record.channelId, dayMs)
    const day = this.#days.get(path)
    if (day === undefined) this.#days.set(path, { dayMs, lines: [record.raw] })
    else day.lines.push(record.raw)
  }

  /** Writes the days that began by then. */
  async #endDays(beginMs: number): Promise<void> {
    const ended = [...this.#days].filter(([, { dayMs }]) => dayMs <= beginMs)
    await this.#writeAll(ended.map(([path, { lines }]) => [path, lines]))
    for (const [path] of ended) this.#days.delete(path)
  }

  async #writeAll(files: (readonly [string, readonly string[]])[]): Promise<void> {
    const left = files.values()
    const worker = async (): Promise<void> => {
      for (const [name, lines] of left) {
        const bytes = await gzipped(`${lines.join('\n')}\n`)
        const path = join(this.#dir, name)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, bytes)
        this.bytes += bytes.length
      }
    }
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, worker))
  }

  #bucket(bucket: number): string {
    return join(this.#dir, `users-${bucket}.tmp`)
  }
}

/** The path of a channel's day below the folder of the logs. */
export function channelDayFile(channelId: string, dayMs: number): string {
  return join(monthFolder(channelId, dayMs), String(new Date(dayMs).getUTCDate()), 'channel.txt.gz')
}

/** The path of a user's month in a channel below the folder of the logs. */
export function userFile(channelId: string, userId: string, atMs: number): string {
  return join(monthFolder(channelId, atMs), `${userId}.txt.gz`)
}

function monthFolder(channelId: string, atMs: number): string {
  const at = new Date(atMs)
  return join(channelId, String(at.getUTCFullYear()), String(at.getUTCMonth() + 1))
}

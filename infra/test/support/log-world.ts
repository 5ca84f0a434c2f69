import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { generateLines } from '@poglog/chat-sim'
import { openImporter, readJobConfig } from '@poglog/archiver'
import type { HotStore, SegmentEntry } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import { RECORD_TYPES } from '@poglog/log-format'
import { openReads } from '../../src/export/open-reads.ts'
import type { ExportQuery } from '../../src/export/options.ts'
import { recordsOf } from '../../src/export/records-of.ts'
import { importUnits } from '../../src/import/import-units.ts'
import type { UnitsProgress } from '../../src/import/import-units.ts'
import { openJournal } from '../../src/import/open-journal.ts'
import { sourcesOf } from '../../src/import/options.ts'
import type { SourceOptions } from '../../src/import/options.ts'
import { RejectFile } from '../../src/import/reject-file.ts'
import { rejectedIn } from '../../src/import/tally.ts'

const CLI = join(import.meta.dirname, '../../src/cli.ts')

/** What became of the lines of an import. */
export interface Imported {
  readonly lines: number
  readonly stored: number
  readonly known: number
  readonly equal: number
  readonly rejected: number
  readonly skipped: number
  readonly appended: number
  readonly unitsKnown: number
  readonly failures: readonly string[]
}

/** A Redis and a folder store of their own, with what the commands do in this process. */
export async function startLogWorld() {
  const dir = await mkdtemp(join(tmpdir(), 'poglog-import-test-'))
  const server = await startRedisServer({ dir: join(dir, 'redis'), appendfsync: 'everysec' })
  const env = {
    REDIS_URL: server.url,
    OBJECT_STORE: pathToFileURL(join(dir, 'objects')).href,
    SHARDS: '2',
  }
  return new LogWorld(dir, env, server)
}

export class LogWorld implements AsyncDisposable {
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
  readonly server: Awaited<ReturnType<typeof startRedisServer>>

  constructor(dir: string, env: Readonly<Record<string, string>>, server: LogWorld['server']) {
    this.dir = dir
    this.env = env
    this.server = server
  }

  path(...parts: string[]): string {
    return join(this.dir, ...parts)
  }

  async import(
    sources: readonly string[],
    options: SourceOptions & { readonly again?: boolean } = {},
  ): Promise<Imported> {
    const settings = readJobConfig(this.env)
    const { signal } = new AbortController()
    const units = await sourcesOf(sources, options, signal)
    const path = this.path('journal.ndjson')
    const journal = await openJournal(path, settings, options.again)
    await rm(this.path('rejected.ndjson'), { force: true })
    await using rejects = new RejectFile(this.path('rejected.ndjson'))
    await using importer = await openImporter({ settings, workDir: this.path('work'), signal })
    const failures: string[] = []
    const done = await importUnits(units, {
      importer,
      journal,
      rejects,
      signal,
      onProgress: () => {},
      onFailure: (_, error) => failures.push(error.message),
    })
    return importedOf(done, failures)
  }

  /** The raw lines that an export has, in its order. */
  async export(query: Partial<ExportQuery> = {}): Promise<string[]> {
    await using reads = await openReads(readJobConfig(this.env))
    const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, types: RECORD_TYPES } as const
    const none = { channelId: undefined, userId: undefined, format: 'raw' } as const
    const { signal } = new AbortController()
    const lines: string[] = []
    for await (const batch of recordsOf({ ...all, ...none, ...query, signal }, reads)) {
      lines.push(...batch.map(({ raw }) => raw))
    }
    return lines
  }

  async hot<T>(use: (hot: HotStore) => Promise<T>): Promise<T> {
    await using reads = await openReads(readJobConfig(this.env))
    return await use(reads.hot)
  }

  /** The manifests of all shards. */
  async segments(): Promise<SegmentEntry[]> {
    return await this.hot(async (hot) => {
      const all: SegmentEntry[] = []
      for (let shard = 0; shard < hot.shards; shard += 1) all.push(...(await hot.manifest(shard)))
      return all
    })
  }

  /** Every object with its size and time: two that are equal mean that nothing was written. */
  async objects(): Promise<string[]> {
    const found = await readdir(this.path('objects'), { recursive: true, withFileTypes: true })
    const files = found.filter((entry) => entry.isFile())
    const told = files.map(async ({ parentPath, name }) => {
      const { size, mtimeMs } = await stat(join(parentPath, name))
      return `${name} ${size} ${mtimeMs}`
    })
    return (await Promise.all(told)).toSorted()
  }

  /** Starts a command as a process of its own. */
  start(args: readonly string[], nodeArgs: readonly string[] = []) {
    return spawn(process.execPath, [...nodeArgs, CLI, ...args], {
      env: { ...process.env, ...this.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], input: string | Uint8Array = '') {
    const child = this.start(args)
    child.stdin.end(input)
    const ended = once(child, 'close')
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    await ended
    return { code: child.exitCode, stdout, stderr }
  }

  /** Runs a command in a shell that has done something before. */
  async runIn(before: string, args: readonly string[]) {
    const script = `${before}; exec "$0" "$@"`
    const child = spawn('sh', ['-c', script, process.execPath, CLI, ...args], {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')])
    return { code: child.exitCode, stderr }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.kill()
    await rm(this.dir, { recursive: true, force: true })
  }
}

function importedOf({ tally, stored, unitsKnown }: UnitsProgress, failures: string[]): Imported {
  return {
    lines: tally.lines,
    skipped: tally.skipped,
    rejected: rejectedIn(tally),
    stored: stored.stored,
    known: stored.known,
    equal: stored.equal,
    appended: stored.appended,
    unitsKnown,
    failures,
  }
}

/** Made-up chat of 2024, every line with a sent time and a channel's id; by default one in 50 seconds. */
export function chat(
  lines: number,
  startMs = Date.UTC(2024, 2, 1),
  { seed = 11, messagesPerSecond = 0.02 } = {},
): string[] {
  const people = { channels: 5, chatters: 50 }
  const made = generateLines({ seed, lines: lines * 2, startMs, messagesPerSecond, ...people })
  return [...made].filter((line) => isWhole(line)).slice(0, lines)
}

function isWhole(line: string): boolean {
  const tags = line.slice(0, line.indexOf(' '))
  return /[@;]room-id=\d/.test(tags) && /[@;]tmi-sent-ts=\d/.test(tags)
}

/** In the order that an export of everything does not promise. */
export function sorted(lines: readonly string[]): string[] {
  return lines.toSorted()
}

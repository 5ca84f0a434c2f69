import { comparePositions, createSorter } from '@poglog/log-format'
import type { LogRecord, Sorter } from '@poglog/log-format'
import type { JobConfig } from '../config.ts'
import { onlyWarnings } from '../only-warnings.ts'
import { openDeps } from '../open-deps.ts'
import type { OpenedDeps } from '../open-deps.ts'
import { RecordSpool } from './record-spool.ts'
import { sealNow } from '../seal/seal-now.ts'
import { sealWhenDue } from './seal-when-due.ts'
import { storeDay } from './store-day.ts'
import type { StoredDay } from './store-day.ts'

const DAY_MS = 86_400_000
/** Records sent so lately are appended to hot, as a replica that logs the channel would append them. */
const RECENT_MS = 2 * 3_600_000
/** What is sorted in memory at a time; the groups that are written afterwards have sorters of their own. */
const SORTER_BYTES_MAX = 24 * 1024 * 1024
/** About what a record takes in memory beside the line: keys, ids, the object itself. */
const RECORD_OVERHEAD_BYTES = 400

/** How far an import has come. Records, except for `days`. */
export interface ImportProgress {
  /** Taken from the source. */
  readonly read: number
  /** The same record as another one of the source (channel, sent time and key): dropped. */
  readonly equal: number
  /** Already in the log: dropped. */
  readonly known: number
  /** Of users who were erased after they were sent: dropped. */
  readonly erased: number
  /** Of users or channels that have opted out: dropped. */
  readonly optedOut: number
  /** Written to segments that are committed. */
  readonly stored: number
  /** Sent within the last two hours and appended to Redis; those it had seen count as known. */
  readonly appended: number
  /** Shards' days that are done, with something to write or without. */
  readonly days: number
}

/** What every import of a process shares. */
export interface ImporterOptions {
  /** Where hot and cold are; `readJobConfig` makes it from the environment. */
  readonly settings: JobConfig
  /** A folder for temporary files, up to about 2.5 times the raw lines of one import; default: one of the system's. */
  readonly workDir?: string | undefined
  /** Called with what an operator should look at though the import goes on. */
  readonly onWarning?: ((message: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ImportOptions extends ImporterOptions {
  /** In any order, with equal ones. */
  readonly records: AsyncIterable<readonly LogRecord[]>
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
}

/**
 * Brings records of any time into the log: sorts them, drops what is there already, and writes one group of segments a
 * shard and sent day. Doing it twice changes nothing.
 *
 * @throws {HotStoreError}, {ObjectStoreError}, {SegmentError}, the file system's error, or the signal's reason: what
 *   was committed until then stays, and the same import again stores the rest.
 */
export async function importRecords(options: ImportOptions): Promise<ImportProgress> {
  await using importer = await openImporter(options)
  return await importer.store(options.records, options.onProgress)
}

/**
 * Opens what {@link importRecords} needs for several imports, one after the other, and seals what is hot, so that
 * each finds all that is known in segments.
 */
export async function openImporter(options: ImporterOptions): Promise<Importer> {
  const { settings, onWarning = ignore, signal } = options
  await using opening = new AsyncDisposableStack()
  const { deps } = opening.use(
    await openDeps({
      settings: { ...settings, workDir: options.workDir ?? settings.workDir },
      events: {
        ...onlyWarnings(onWarning),
        lookUpFailed: ({ message }) => {
          onWarning(`not looked up, so records may be stored again: ${message}`)
        },
      },
      signal,
    }),
  )
  const { hot } = deps
  const states = await Promise.all(
    Array.from({ length: hot.shards }, (_, shard) => hot.state(shard)),
  )
  if (states.some(({ hotRecords }) => hotRecords > 0)) {
    await sealNow({ settings, onWarning, ...(signal === undefined ? {} : { signal }) })
  }
  return new Importer(deps, opening.move())
}

/** Open connections and a folder for temporary files; see {@link openImporter}. */
export class Importer implements AsyncDisposable {
  readonly #deps: OpenedDeps['deps']
  readonly #resources: AsyncDisposableStack
  readonly #shards = new Map<string, number>()

  constructor(deps: OpenedDeps['deps'], resources: AsyncDisposableStack) {
    this.#deps = deps
    this.#resources = resources
  }

  /** Which logins belong to which ids, as far as the log knows. */
  get names(): OpenedDeps['deps']['hot']['names'] {
    return this.#deps.hot.names
  }

  /** A folder for temporary files that is removed with the importer. */
  get workDir(): string {
    return this.#deps.workDir
  }

  /** Does what {@link importRecords} says. */
  async store(
    records: ImportOptions['records'],
    onProgress: (progress: ImportProgress) => void = ignore,
  ): Promise<ImportProgress> {
    const counts = { read: 0, equal: 0, known: 0, erased: 0, optedOut: 0 }
    const done = { ...counts, stored: 0, appended: 0, days: 0 }
    const { workDir, signal } = this.#deps
    await using sorter: Sorter<LogRecord> = createSorter<LogRecord>({
      compare: (left, right) => this.#compare(left, right),
      sizeOf: ({ raw }) => raw.length + RECORD_OVERHEAD_BYTES,
      onEqual: () => (done.equal += 1),
      bytesMax: SORTER_BYTES_MAX,
      workDir,
      signal,
    })
    for await (const batch of records) {
      signal?.throwIfAborted()
      const { users, channels } = await this.#deps.hot.optOuts.view()
      const wanted = batch.filter(
        ({ userId, channelId }) => !users.has(userId) && !channels.has(channelId),
      )
      done.read += batch.length
      done.optedOut += batch.length - wanted.length
      await sorter.add(wanted)
      onProgress({ ...done })
    }
    const { nowMs } = await this.#deps.hot.state(0)
    for await (const day of this.#days(sorter.sorted())) {
      try {
        // Seals start over with every group, so a shard that gets many would never be sealed by others.
        await sealWhenDue(day.shard, this.#deps)
        const stored = await storeDay({ ...day, recentFromMs: nowMs - RECENT_MS }, this.#deps)
        addUp(done, stored)
      } finally {
        await day.records[Symbol.asyncDispose]()
      }
      onProgress({ ...done })
    }
    return done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync()
  }

  /** Cuts sorted records where the day or the shard changes. The next day is read when the caller is done with one. */
  async *#days(
    batches: AsyncIterable<readonly LogRecord[]>,
  ): AsyncGenerator<{ shard: number; dayMs: number; records: RecordSpool }> {
    let day: { shard: number; dayMs: number; records: RecordSpool } | undefined
    try {
      for await (const batch of batches) {
        for (let from = 0; from < batch.length;) {
          const first = batch[from]
          if (first === undefined) break
          const shard = this.#shardOf(first.channelId)
          const dayMs = dayOf(first)
          if (day !== undefined && (day.shard !== shard || day.dayMs !== dayMs)) {
            yield day
            day = undefined
          }
          day ??= { shard, dayMs, records: new RecordSpool(this.#deps.workDir) }
          const to = this.#endOfDay(batch, from, day)
          await day.records.add(batch.slice(from, to))
          from = to
        }
      }
      if (day !== undefined) yield day
    } finally {
      await day?.records[Symbol.asyncDispose]()
    }
  }

  #endOfDay(
    batch: readonly LogRecord[],
    from: number,
    { shard, dayMs }: { shard: number; dayMs: number },
  ): number {
    for (let at = from + 1; at < batch.length; at += 1) {
      const record = batch[at]
      if (record === undefined) return at
      if (dayOf(record) !== dayMs || this.#shardOf(record.channelId) !== shard) return at
    }
    return batch.length
  }

  /** Day by day, shard by shard, and within these in the order of a by-channel segment. */
  #compare(left: LogRecord, right: LogRecord): number {
    if (left.channelId === right.channelId) return comparePositions(left, right)
    return (
      dayOf(left) - dayOf(right) ||
      this.#shardOf(left.channelId) - this.#shardOf(right.channelId) ||
      (left.channelId < right.channelId ? -1 : 1)
    )
  }

  #shardOf(channelId: string): number {
    let shard = this.#shards.get(channelId)
    if (shard === undefined) {
      shard = this.#deps.hot.shardOf(channelId)
      this.#shards.set(channelId, shard)
    }
    return shard
  }
}

function dayOf({ sentAtMs }: LogRecord): number {
  return Math.floor(sentAtMs / DAY_MS) * DAY_MS
}

function addUp(
  done: { -readonly [Field in keyof ImportProgress]: number },
  { known, erased, stored, appended }: StoredDay,
): void {
  done.known += known
  done.erased += erased
  done.stored += stored
  done.appended += appended
  done.days += 1
}

const ignore = (): void => {}

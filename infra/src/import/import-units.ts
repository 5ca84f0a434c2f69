import type { Importer, ImportProgress } from '@poglog/archiver'
import { HotStoreError } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import { ahead } from './ahead.ts'
import type { Begun } from './ahead.ts'
import type { Journal } from './journal.ts'
import { readLines } from './read-lines.ts'
import { RecordReader } from './record-reader.ts'
import type { RejectFile } from './reject-file.ts'
import { newTally, rejectedIn } from './tally.ts'
import type { Tally } from './tally.ts'
import type { OpenUnit, Unit } from './unit.ts'

/** Units that are opened or fetched at once: two requests at a time are polite. */
const UNITS_AHEAD = 2
/** About how many bytes of lines are sorted and stored together: an import that is stopped loses no more. */
const BATCH_BYTES = 256 * 1024 * 1024
/** Files that may hold any day are taken together in larger pieces, because every piece makes groups of its own. */
const BATCH_BYTES_OF_FILES = 1024 * 1024 * 1024

/** How far it is. `units` of `unitsTotal` are read or were `unitsKnown`; `stored` sums up over the batches. */
export interface UnitsProgress {
  readonly unitsTotal: number
  readonly units: number
  /** Left out because the journal says that they are in the log. */
  readonly unitsKnown: number
  /** Of the files on the disk, as they lie there. */
  readonly readBytes: number
  readonly totalBytes: number
  readonly tally: Readonly<Tally>
  readonly stored: ImportProgress
  /** Distinct records of the batch that is being stored, and those done; `undefined` while it is read. */
  readonly storing: { readonly done: number; readonly total: number } | undefined
}

export interface UnitsDeps {
  readonly importer: Pick<Importer, 'store' | 'workDir'> & {
    readonly names: Pick<Importer['names'], 'idsOf'>
  }
  readonly journal: Journal
  readonly rejects: RejectFile
  readonly signal: AbortSignal
  readonly onProgress: (progress: UnitsProgress) => void
  /** Told of a unit that could not be read (to its end); the lines before are taken. */
  readonly onFailure: (unit: Unit, error: Error) => void
}

type Opened = Begun<Unit, OpenUnit>

/** Lines read, those rejected, and those of them without a channel's id. */
interface UnitCounts {
  readonly lines: number
  readonly rejected: number
  readonly unknown: number
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] }

/**
 * Imports units one after the other, in batches; a unit is noted in the journal when all its records are stored.
 *
 * @throws what the stores throw, or the signal's reason; what was stored stays.
 */
export async function importUnits(units: readonly Unit[], deps: UnitsDeps): Promise<UnitsProgress> {
  return await new UnitsImport(units, deps).run()
}

class UnitsImport {
  readonly #deps: UnitsDeps
  readonly #units: readonly Unit[]
  readonly #progress: Mutable<UnitsProgress>
  readonly #tally = newTally()
  readonly #reader: RecordReader
  /** Stored in batches that are done. */
  #before: ImportProgress = NOTHING
  #source = ''
  #next: Opened | undefined
  /** Of files that are read to their end. */
  #readBytes = 0
  #done: string[] = []

  constructor(units: readonly Unit[], deps: UnitsDeps) {
    const { importer, journal, rejects } = deps
    this.#deps = deps
    this.#units = units.filter(({ id }) => !journal.has(id))
    this.#reader = new RecordReader({
      lookUpIds: (logins) => importer.names.idsOf(logins),
      tally: this.#tally,
      reject: (line, reason) => rejects.add(this.#source, line, reason),
      nowMs: Date.now,
    })
    this.#progress = {
      unitsTotal: units.length,
      units: units.length - this.#units.length,
      unitsKnown: units.length - this.#units.length,
      readBytes: 0,
      totalBytes: this.#units.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0),
      tally: this.#tally,
      stored: NOTHING,
      storing: undefined,
    }
  }

  async run(): Promise<UnitsProgress> {
    const { importer, journal, signal } = this.#deps
    const how = { workDir: importer.workDir, signal }
    const opening = ahead<Unit, OpenUnit>(this.#units, (unit) => unit.open(how), {
      count: UNITS_AHEAD,
      drop: async (unit) => {
        await unit[Symbol.asyncDispose]()
      },
    })
    try {
      await this.#takeNext(opening)
      while (this.#next !== undefined) {
        this.#done = []
        const stored = await importer.store(this.#batch(opening), (part) => this.#tell(part))
        this.#before = sumOf(this.#before, stored)
        this.#progress.stored = this.#before
        this.#progress.storing = undefined
        await journal.add(this.#done)
      }
    } finally {
      await this.#next?.result.then((unit) => unit[Symbol.asyncDispose](), ignore)
      await opening.return(undefined)
    }
    this.#report()
    return this.#progress
  }

  /** The records of as many units as are stored together; it ends between two days where units are of days. */
  async *#batch(opening: AsyncGenerator<Opened>): AsyncGenerator<LogRecord[]> {
    const startBytes = this.#tally.bytes
    for (let next = this.#next; next !== undefined; next = this.#next) {
      yield* this.#recordsOf(next)
      await this.#takeNext(opening)
      const { dayMs } = next.item
      const maxBytes = dayMs === undefined ? BATCH_BYTES_OF_FILES : BATCH_BYTES
      const isFull = this.#tally.bytes - startBytes >= maxBytes
      if (isFull && (dayMs === undefined || dayMs !== this.#next?.item.dayMs)) return
    }
  }

  async *#recordsOf({ item: unit, result }: Opened): AsyncGenerator<LogRecord[]> {
    const { signal, onFailure, rejects } = this.#deps
    const before = this.#counts()
    this.#source = unit.name
    let isWhole = true
    try {
      await using open = await result
      // A read that waits, on standard input for example, ends with its stream.
      const end = (): void => void open[Symbol.asyncDispose]()
      signal.addEventListener('abort', end, { once: true })
      await using cleaning = new AsyncDisposableStack()
      cleaning.defer(() => signal.removeEventListener('abort', end))
      const lines = readLines(this.#counted(open), open.isWhole)
      for await (const records of this.#reader.read(lines, unit)) {
        signal.throwIfAborted()
        await rejects.flush()
        yield records
      }
      isWhole = (await open.isWhole?.()) ?? true
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof HotStoreError || !(error instanceof Error)) throw error
      isWhole = false
      onFailure(unit, error)
    }
    await rejects.flush()
    this.#readBytes += unit.sizeBytes ?? 0
    this.#progress.readBytes = this.#readBytes
    this.#progress.units += 1
    this.#report()
    if (isWhole && unit.id !== undefined && this.#isTaken(before)) this.#done.push(unit.id)
  }

  /** Whether a unit that was read to its end has no more to give another time. */
  #isTaken(before: UnitCounts): boolean {
    const { lines, rejected, unknown } = this.#counts()
    // A later line may tell the channel's id.
    if (unknown > before.unknown) return false
    // Where nothing could be taken it was not the log: a message of the server, for example.
    return lines === before.lines || rejected - before.rejected < lines - before.lines
  }

  async *#counted(open: OpenUnit): AsyncGenerator<Uint8Array> {
    for await (const chunk of open.bytes) {
      this.#tally.bytes += chunk.length
      this.#progress.readBytes = this.#readBytes + open.readBytes()
      yield chunk
    }
  }

  async #takeNext(opening: AsyncGenerator<Opened>): Promise<void> {
    const next = await opening.next()
    this.#next = next.done === true ? undefined : next.value
  }

  #counts(): UnitCounts {
    const { lines, rejected } = this.#tally
    const unknown = rejected.get('no-channel-id') ?? 0
    return { lines, rejected: rejectedIn(this.#tally), unknown }
  }

  #tell(part: ImportProgress): void {
    this.#progress.stored = sumOf(this.#before, part)
    const done = part.known + part.erased + part.stored + part.appended
    const total = part.read - part.equal - part.optedOut
    const isStoring = done > 0 || part.days > 0
    this.#progress.storing = isStoring ? { done, total } : undefined
    this.#report()
  }

  #report(): void {
    this.#deps.onProgress({ ...this.#progress })
  }
}

const NOTHING: ImportProgress = {
  read: 0,
  equal: 0,
  known: 0,
  erased: 0,
  optedOut: 0,
  stored: 0,
  appended: 0,
  days: 0,
}

function sumOf(left: ImportProgress, right: ImportProgress): ImportProgress {
  return {
    read: left.read + right.read,
    equal: left.equal + right.equal,
    known: left.known + right.known,
    erased: left.erased + right.erased,
    optedOut: left.optedOut + right.optedOut,
    stored: left.stored + right.stored,
    appended: left.appended + right.appended,
    days: left.days + right.days,
  }
}

const ignore = (): void => {}

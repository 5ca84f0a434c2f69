import { appendRejection } from '@poglog/hot-store'
import type { AppendLine, HotStore, Name, SegmentEntry, Snapshot } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import type { ArchiveDeps, LookUpDeps } from '../deps.ts'
import { dropKnown } from '../seal/drop-known.ts'
import { namesIn } from './names-in.ts'
import { RecordSpool } from './record-spool.ts'
import { untilKnown } from '../compact/until-known.ts'
import { writeDay } from '../compact/write-day.ts'

const DAY_MS = 86_400_000
/** Records looked up at a time: enough that opening a segment anew for each look-up costs little. */
const LOOK_UP_RECORDS = 20_000
/** Every refusal means that somebody else has changed the manifest; so many in a row mean that something is wrong. */
const ATTEMPTS_MAX = 50
const RETRY_DELAY_MS = 50

export interface StoreDayDeps
  extends LookUpDeps, Pick<ArchiveDeps, 'sleep' | 'newUlid' | 'workDir' | 'step'> {
  readonly hot: HotStore
}

/** The records of one shard sent on one day (UTC), in by-channel order, no two equal. */
export interface DayToStore {
  readonly shard: number
  readonly dayMs: number
  readonly records: RecordSpool
  /** Records sent from here on are appended to hot. */
  readonly recentFromMs: number
}

/** What became of a day's records; `erased` belong to users who asked to be forgotten after they were sent. */
export interface StoredDay {
  readonly known: number
  readonly erased: number
  readonly stored: number
  readonly appended: number
}

/**
 * Brings one shard's records of one sent day into the log: what is new becomes one group of segments, committed at
 * once or not at all.
 *
 * Nothing is stored twice: the commit is refused when the manifest has changed since it was looked through. Then only the
 * segments that are new to it are looked through, and only when they hold one of the records is the group written again.
 *
 * @throws what the stores and the file system throw; then nothing of the group counts.
 */
export async function storeDay(day: DayToStore, deps: StoreDayDeps): Promise<StoredDay> {
  const sifting = new Sifting(day, deps)
  try {
    await sifting.sift()
    const stored = sifting.left.records === 0 ? 0 : await commitGroup(day, sifting, deps)
    await deps.hot.names.learn(sifting.names())
    const { known, erased, appended } = sifting.counts
    return { known, erased, appended, stored }
  } finally {
    await sifting[Symbol.asyncDispose]()
  }
}

async function commitGroup(
  { shard, dayMs }: DayToStore,
  sifting: Sifting,
  deps: StoreDayDeps,
): Promise<number> {
  const { hot, sleep, signal } = deps
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    signal?.throwIfAborted()
    if (attempt > 0) await sleep(RETRY_DELAY_MS * attempt)
    const reservation = await hot.reserve(shard, 2 + hot.shards)
    await sifting.sift()
    if (sifting.left.records === 0) return 0
    const { entries } = await writeDay(
      {
        reservation,
        records: sifting.left.read(),
        arrivalFromMs: dayMs,
        // A rebuild takes the latest end for what cold covers: never what is still hot.
        arrivalToMs: Math.max(dayMs + 1, Math.min(dayMs + DAY_MS, sifting.boundaryMs)),
        nowMs: reservation.nowMs,
        replaces: [],
      },
      deps,
    )
    signal?.throwIfAborted()
    let { version } = sifting
    for (;;) {
      const change = { removed: [], added: entries, addsRecords: { version } }
      const swapped = await untilKnown(() => hot.swap(reservation, change), deps)
      if (swapped !== 'stale') return sifting.left.records
      const dropped = await sifting.sift()
      // Refused though nothing new came into the manifest: the reservation is what is no longer good.
      if (dropped > 0 || sifting.version === version) break
      ;({ version } = sifting)
    }
  }
  throw new Error(`the manifest of shard ${shard} changes too often to add a day to it`)
}

/** What is left of a day's records when those are taken out that the log has, may not have, or takes in hot. */
class Sifting implements AsyncDisposable {
  readonly counts = { known: 0, erased: 0, appended: 0 }
  readonly #day: DayToStore
  readonly #deps: StoreDayDeps
  readonly #names = new Map<string, Name>()
  readonly #lookedThrough = new Set<string>()
  #erasures: number | undefined
  #version = ''
  #boundaryMs = 0
  #left: RecordSpool

  constructor(day: DayToStore, deps: StoreDayDeps) {
    this.#day = day
    this.#deps = deps
    this.#left = day.records
  }

  get left(): RecordSpool {
    return this.#left
  }

  /** Of the manifest as it was last looked through. */
  get version(): string {
    return this.#version
  }

  /** Up to where cold covered what arrived, when the manifest was looked through. */
  get boundaryMs(): number {
    return this.#boundaryMs
  }

  /** Who wrote the records that are new to the log, and where. */
  names(): readonly Name[] {
    return [...this.#names.values()]
  }

  /** Takes out what is known, erased or recent by now. Returns how many records that were. */
  async sift(): Promise<number> {
    const { hot } = this.#deps
    const { shard } = this.#day
    const before = this.#left.records
    const snapshot = await hot.snapshot({ shard, channelId: undefined, maxEntries: 1 })
    const erased = await hot.erased(shard)
    const fresh = snapshot.segments.filter(({ key }) => !this.#lookedThrough.has(key))
    const isFirst = this.#erasures === undefined
    if (
      isFirst ||
      erased.erasures !== this.#erasures ||
      fresh.some((segment) => this.#concerns(segment))
    ) {
      await this.#siftBy(fresh, erased.users)
    }
    for (const { key } of fresh) this.#lookedThrough.add(key)
    this.#erasures = erased.erasures
    this.#version = snapshot.version
    const { boundaryMs, hotRecords, nowMs } = snapshot.state
    // A shard that was never used has no boundary yet, and nothing beyond it either.
    this.#boundaryMs = boundaryMs === 0 && hotRecords === 0 ? nowMs : boundaryMs
    return before - this.#left.records
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#left !== this.#day.records) await this.#left[Symbol.asyncDispose]()
  }

  async #siftBy(segments: readonly SegmentEntry[], erased: Snapshot['erased']): Promise<void> {
    const left = new RecordSpool(this.#deps.workDir)
    try {
      for await (const batch of inBatches(this.#left.read(), LOOK_UP_RECORDS)) {
        this.#deps.signal?.throwIfAborted()
        const allowed = batch.filter(
          ({ userId, sentAtMs }) => userId === '' || sentAtMs >= (erased.get(userId) ?? 0),
        )
        this.counts.erased += batch.length - allowed.length
        const news = await dropKnown(allowed, segments, { ...this.#deps, isStrict: true })
        this.counts.known += allowed.length - news.length
        await left.add(await this.#appendRecent(news))
      }
    } catch (error) {
      await left[Symbol.asyncDispose]()
      throw error
    }
    await this[Symbol.asyncDispose]()
    this.#left = left
  }

  #concerns({ projection, sentMinMs, sentMaxMs }: SegmentEntry): boolean {
    const { dayMs } = this.#day
    return projection === 'by-channel' && sentMaxMs >= dayMs && sentMinMs < dayMs + DAY_MS
  }

  /** Returns what is not recent, or cannot be appended. */
  async #appendRecent(records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    for (const record of records) {
      for (const name of namesIn(record)) this.#names.set(`${name.id} ${name.login}`, name)
    }
    const { shard, recentFromMs } = this.#day
    const recent = records.filter(
      (record) => record.sentAtMs >= recentFromMs && isAppendable(record),
    )
    if (recent.length === 0) return records
    const { appended, duplicates } = await this.#deps.hot.append(shard, recent.map(toLine))
    this.counts.appended += appended
    this.counts.known += duplicates
    const gone = new Set(recent)
    return records.filter((record) => !gone.has(record))
  }
}

function isAppendable(record: LogRecord): boolean {
  return appendRejection(toLine(record)) === undefined
}

function toLine({ channelId, key, raw, sentAtMs, userId, type }: LogRecord): AppendLine {
  return { channelId, key, raw, sentAtMs, userId, type }
}

async function* inBatches(
  pieces: AsyncIterable<readonly LogRecord[]>,
  size: number,
): AsyncGenerator<readonly LogRecord[]> {
  let batch: LogRecord[] = []
  for await (const piece of pieces) {
    batch.push(...piece)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

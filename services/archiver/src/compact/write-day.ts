import { join } from 'node:path'
import type { Reservation, SegmentEntry } from '@poglog/hot-store'
import { DigestSum, encodeSegment, encodeWords } from '@poglog/log-format'
import type { EncodedSegment, LogRecord, SegmentIdentity, WordCount } from '@poglog/log-format'
import { DayPass } from './day-pass.ts'
import type { UserRecord } from './day-pass.ts'
import type { ArchiveDeps } from '../deps.ts'
import { nonEmpty } from './non-empty.ts'
import { putVerified } from './put-verified.ts'
import { openJobDir } from '../work-dir.ts'

/** What {@link writeDay} writes. Times are milliseconds since the Unix epoch, UTC. */
export interface DayPlan {
  /** Of a channel shard, with at least 2 numbers more than there are user shards. */
  readonly reservation: Reservation
  /** The records of one day of that shard in the order of `compareRecords`, no two equal. */
  readonly records: AsyncIterable<readonly LogRecord[]>
  /** Arrivals the day segment covers, `[arrivalFromMs, arrivalToMs)`; its begin decides the date in the names. */
  readonly arrivalFromMs: number
  readonly arrivalToMs: number
  /** The time of day, for the names: that of the reservation, so that a name tells which erasures it knew. */
  readonly nowMs: number
  /** ULIDs of the segments whose records these are, with what those replaced. */
  readonly replaces: readonly string[]
  /** Told of each user id once, in order. */
  readonly onUser?: ((userId: string) => void) | undefined
}

/** One group: entries for one swap, the by-channel day last; none where there were no records. */
export interface WrittenDay {
  readonly entries: readonly SegmentEntry[]
  /** Number and additive digest of the records. */
  readonly records: number
  readonly digest: string
  /** Bytes of all objects together. */
  readonly sizeBytes: number
}

export type WriteDayDeps = Pick<ArchiveDeps, 'cold' | 'newUlid' | 'workDir' | 'signal' | 'step'> & {
  readonly hot: Pick<ArchiveDeps['hot'], 'shards' | 'userShardOf'>
}

/**
 * Writes a day of a channel shard in all orders: a by-user run a user shard, the word counts, then the
 * by-channel day, whose footer names the others. Each object is read back from the store and compared.
 * Nothing is named in a manifest: that is one swap of the caller's, so that readers see all or none.
 *
 * One pass over the records, in bounded memory whatever their number; temporary files, about twice the
 * size of the raw lines, are removed whatever happens.
 *
 * @throws {ObjectStoreError}, {SegmentError} `corrupt` or the file system's error: objects that nobody
 *   names may be left; the sweep removes them.
 * @throws what `records` throws.
 */
export async function writeDay(plan: DayPlan, deps: WriteDayDeps): Promise<WrittenDay> {
  await using dir = await openJobDir(deps.workDir)
  await using pass = new DayPass({
    dir: dir.path,
    userShardOf: (userId) => deps.hot.userShardOf(userId),
    signal: deps.signal,
  })
  return await new DayWriter({ plan, deps, dir: dir.path, pass }).write()
}

interface DayParts {
  readonly plan: DayPlan
  readonly deps: WriteDayDeps
  readonly dir: string
  readonly pass: DayPass
}

class DayWriter {
  readonly #plan: DayPlan
  readonly #deps: WriteDayDeps
  readonly #dir: string
  readonly #pass: DayPass
  readonly #shard: number
  readonly #wordsUlid: string
  readonly #runUlids: readonly string[]

  constructor({ plan, deps, dir, pass }: DayParts) {
    const { scope, count } = plan.reservation
    if (scope === 'users') throw new Error('a day belongs to a channel shard')
    if (count < 2 + deps.hot.shards) throw new Error(`${count} numbers are too few for a day`)
    this.#plan = plan
    this.#deps = deps
    this.#dir = dir
    this.#pass = pass
    this.#shard = scope
    this.#wordsUlid = deps.newUlid(plan.nowMs)
    this.#runUlids = Array.from({ length: deps.hot.shards }, () => deps.newUlid(plan.nowMs))
  }

  async write(): Promise<WrittenDay> {
    const day = this.#identity(0, { projection: 'by-channel', level: 'day' })
    const records = await nonEmpty(this.#pass.tap(this.#plan.records))
    if (records === undefined) return { entries: [], records: 0, digest: ZERO, sizeBytes: 0 }
    const { signal, step } = this.#deps
    const companions = () => this.#companions()
    const encoded = await step('merge', () =>
      encodeSegment(records, day, { path: join(this.#dir, 'day'), companions, signal }),
    )
    const entries = await this.#writeRuns()
    this.#assertAllThere(encoded, entries)
    if (this.#pass.hasWords) entries.push(await this.#writeWords())
    const ulid = this.#deps.newUlid(this.#plan.nowMs)
    entries.push(await putVerified({ identity: day, ulid, encoded }, this.#deps))
    const { records: count, digest } = encoded.summary
    const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0)
    return { entries, records: count, digest, sizeBytes }
  }

  #companions(): string[] {
    const runs = this.#pass.userShards.map((users) => this.#runUlid(users))
    return this.#pass.hasWords ? [...runs, this.#wordsUlid] : runs
  }

  async #writeRuns(): Promise<SegmentEntry[]> {
    const entries: SegmentEntry[] = []
    const sorted = new RunSource(this.#pass.usersSorted(), this.#plan.onUser)
    for (const users of this.#pass.userShards) {
      const identity = this.#identity(2 + users, { projection: 'by-user', level: 'run', users })
      const path = join(this.#dir, `run-${users}`)
      const options = { path, signal: this.#deps.signal }
      const encoded = await this.#deps.step('encode', () =>
        encodeSegment(sorted.run(users), identity, options),
      )
      const ulid = this.#runUlid(users)
      entries.push(await putVerified({ identity, ulid, encoded }, this.#deps))
    }
    return entries
  }

  async #writeWords(): Promise<SegmentEntry> {
    const identity = this.#identity(1, { projection: 'words', level: 'day' })
    let counted = 0
    const rows = summing(this.#pass.wordsSorted(), (count) => (counted += count))
    const options = { path: join(this.#dir, 'words'), signal: this.#deps.signal }
    const encoded = await this.#deps.step('encode', () => encodeWords(rows, identity, options))
    if (counted !== this.#pass.counted) {
      throw new Error(`${counted} of ${this.#pass.counted} counted words came out of the sorter`)
    }
    return await putVerified({ identity, ulid: this.#wordsUlid, encoded }, this.#deps)
  }

  /** The runs and the records without a user must be what the day has. */
  #assertAllThere({ summary }: EncodedSegment, runs: readonly SegmentEntry[]): void {
    const sum = new DigestSum()
    sum.addDigest(this.#pass.userlessDigest)
    for (const { digest } of runs) sum.addDigest(digest)
    if (sum.toString() === summary.digest) return
    throw new Error('the by-user runs of a day do not hold what the day does')
  }

  #runUlid(users: number): string {
    const ulid = this.#runUlids[users]
    if (ulid === undefined) throw new Error(`no user shard ${users}`)
    return ulid
  }

  #identity(
    offset: number,
    what: Pick<SegmentIdentity, 'projection' | 'level' | 'users'>,
  ): SegmentIdentity {
    const { reservation, arrivalFromMs, arrivalToMs, replaces } = this.#plan
    const isDay = what.projection === 'by-channel'
    return {
      ...what,
      shard: this.#shard,
      shards: this.#deps.hot.shards,
      number: reservation.first + offset,
      arrivalFromMs,
      arrivalToMs,
      ...(isDay && replaces.length > 0 ? { replaces } : {}),
    }
  }
}

const ZERO = '0'.repeat(32)

/** Hands out the records of one user shard after the other. */
class RunSource {
  readonly #sorted: AsyncGenerator<UserRecord[]>
  readonly #onUser: ((userId: string) => void) | undefined
  #rest: readonly UserRecord[] = []
  #lastUser = ''

  constructor(sorted: AsyncGenerator<UserRecord[]>, onUser?: (userId: string) => void) {
    this.#sorted = sorted
    this.#onUser = onUser
  }

  async *run(users: number): AsyncGenerator<readonly UserRecord[]> {
    for (;;) {
      if (this.#rest.length === 0) {
        const next = await this.#sorted.next()
        if (next.done === true) return
        this.#rest = next.value
      }
      const end = this.#rest.findIndex((record) => record.users !== users)
      if (end === 0) return
      const batch = end < 0 ? this.#rest : this.#rest.slice(0, end)
      this.#rest = end < 0 ? [] : this.#rest.slice(end)
      this.#tell(batch)
      yield batch
    }
  }

  #tell(batch: readonly UserRecord[]): void {
    if (this.#onUser === undefined) return
    for (const { userId } of batch) {
      if (userId === this.#lastUser) continue
      this.#lastUser = userId
      this.#onUser(userId)
    }
  }
}

async function* summing(
  batches: AsyncIterable<readonly WordCount[]>,
  add: (count: number) => void,
): AsyncGenerator<readonly WordCount[]> {
  for await (const batch of batches) {
    for (const { count } of batch) add(count)
    yield batch
  }
}

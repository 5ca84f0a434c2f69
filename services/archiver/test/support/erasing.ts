import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHotStore } from '@poglog/hot-store'
import type { Erasure, HotStore, SegmentEntry } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import {
  addCounts,
  compareRecords,
  compareWordCounts,
  createFooterCache,
  parseSegmentKey,
  readSegment,
  readWords,
  recordFromLine,
  WordCounter,
} from '@poglog/log-format'
import type { LogRecord, WordCount } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { Redis } from 'ioredis'
import { compact } from '../../src/compact/compact.ts'
import type { EraseDeps } from '../../src/privacy/erase.ts'
import { foldWords } from '../../src/compact/fold-words.ts'
import { fold } from '../../src/compact/fold.ts'
import { isErased } from '../../src/privacy/is-erased.ts'
import { monthStart, periodStart } from '../../src/period.ts'
import { RecordSpool } from '../../src/import/record-spool.ts'
import { seal } from '../../src/seal/seal.ts'
import { storeDay } from '../../src/import/store-day.ts'
import { FaultSeam } from './fault-seam.ts'
import { depsOf } from './run-jobs.ts'
import type { RarePaths } from './run-jobs.ts'
import { Log } from './world.ts'

export const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const SHARDS = 2
export const CHANNELS = ['11', '12', '14'] as const
/** Who is erased, by an id that no time or number of a line contains, and who stays. */
export const GONE = '90909090909'
const USERS = [GONE, '71', '72', '']
/** What only the erased user writes. */
const MARK = 'unspeakable'
const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const
/** Days of sent time that are imported: two of a month half a year ago, one of a month 100 days ago. */
export const PAST_DAYS = [
  monthStart(Date.now() - 200 * DAY_MS) + 2 * DAY_MS,
  monthStart(Date.now() - 200 * DAY_MS) + 3 * DAY_MS,
  monthStart(Date.now() - 100 * DAY_MS) + 8 * DAY_MS,
]

export type ErasingDeps = EraseDeps & { readonly hot: HotStore }

/** A Redis and an empty object store, with a log that has records at every stage. */
export async function startErasing() {
  const dir = await mkdtemp(join(tmpdir(), 'poglog-erasing-'))
  const server = await startRedisServer({ dir, appendfsync: 'everysec' })
  const raw = new Redis({ path: server.socketPath })
  const hot = await openHotStore({ url: server.url, shards: SHARDS })
  return {
    async fresh(): Promise<Archive> {
      await raw.flushall()
      await raw.hset('meta', { format: 1, shards: SHARDS })
      return new Archive(hot, memoryObjectStore())
    },
    /** Forgets who is erased, as a failover does that lost it. */
    async forgetTombstones(): Promise<void> {
      await raw.del('{s00}:erased', '{s01}:erased', '{users}:erased')
    },
    /** Loses Redis. */
    async loseRedis(): Promise<void> {
      await raw.flushall()
      await raw.hset('meta', { format: 1, shards: SHARDS })
    },
    /** Keeps an archive as it is now. Calling what it returns makes it anew, as often as is needed. */
    async keep(archive: Archive): Promise<() => Promise<Archive>> {
      const keys = await raw.keys('*')
      const values = await Promise.all(keys.map((key) => raw.dumpBuffer(key)))
      const objects: [string, Uint8Array][] = []
      for await (const { key } of archive.cold.list('')) {
        objects.push([key, (await archive.cold.get(key)) ?? new Uint8Array()])
      }
      return async () => {
        await raw.flushall()
        await Promise.all(keys.map((key, at) => raw.restore(key, 0, values[at] ?? '')))
        const copy = new Archive(hot, memoryObjectStore())
        for (const [key, record] of archive.given) copy.given.set(key, record)
        for (const [key, body] of objects) await copy.cold.put(key, body)
        return copy
      }
    },
    async [Symbol.asyncDispose]() {
      raw.disconnect()
      hot.close()
      await server.kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export type Erasing = Awaited<ReturnType<typeof startErasing>>

/** A hot store whose manifests say of an object what it does not hold: that shows when it is read as a whole. */
export function withDamage(hot: HotStore, key: string): HotStore {
  const manifest = async (shard: number): Promise<SegmentEntry[]> => {
    const segments = [...(await hot.manifest(shard))]
    const at = segments.findIndex((entry) => entry.key === key)
    const damaged = segments[at]
    if (damaged !== undefined) segments[at] = { ...damaged, digest: '1'.repeat(32) }
    return segments
  }
  return new Proxy(hot, {
    get: (_, property): unknown =>
      property === 'manifest' ? manifest : Reflect.get(hot, property),
  })
}

let lines = 0

/** A log and what was put into it. */
export class Archive {
  readonly hot: HotStore
  readonly cold: ObjectStore
  /** Every record given, by key. */
  readonly given = new Map<string, LogRecord>()
  readonly rare: RarePaths = new Map()

  constructor(hot: HotStore, cold: ObjectStore) {
    this.hot = hot
    this.cold = cold
  }

  deps(seam: FaultSeam = new FaultSeam([], () => Promise.resolve())): ErasingDeps {
    const log = new Log({ hot: this.hot, forgetful: this.hot, cold: this.cold })
    const { hot: wrapped, ...rest } = depsOf(log, { seam, rare: this.rare })
    const erasures = seam.wrap('hot.erasures', this.hot.erasures)
    // The seam stands before the methods of the store, and before those of the requests in it. What only computes is
    // no effect.
    const own = {
      erasures,
      userShardOf: (userId: string) => this.hot.userShardOf(userId),
      shardOf: (channelId: string) => this.hot.shardOf(channelId),
    }
    const hot = new Proxy(this.hot, {
      get: (_, property): unknown => Reflect.get(property in own ? own : wrapped, property),
    })
    return { ...rest, hot, removedGraceMs: 0, orphanStaysMs: 0 }
  }

  /** Hot, an hour, a day, runs, folds, words of days and of a month: every user has records in each. */
  async seed(): Promise<void> {
    for (const dayMs of PAST_DAYS) await this.import(dayMs)
    const [monthMs = 0] = PAST_DAYS.map(monthStart)
    await this.foldAll(monthMs)
    await this.append()
    await this.sealAll()
    await this.compactToday()
    await this.append()
    await this.sealAll()
    await this.append()
  }

  async import(dayMs: number, deps: ErasingDeps = this.deps()): Promise<void> {
    const records = this.#newRecords((index) => dayMs + 5 * HOUR_MS + index * 1000)
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const own = records.filter(({ channelId }) => this.hot.shardOf(channelId) === shard)
      await using spool = new RecordSpool(deps.workDir)
      await spool.add(own.toSorted(compareRecords))
      await storeDay({ shard, dayMs, records: spool, recentFromMs: 1e14 }, deps)
    }
  }

  async append(deps: ErasingDeps = this.deps()): Promise<void> {
    const { nowMs } = await this.hot.state(0)
    for (const record of this.#newRecords((index) => nowMs - 20 + index)) {
      await deps.hot.append(this.hot.shardOf(record.channelId), [record])
    }
  }

  async sealAll(deps: ErasingDeps = this.deps()): Promise<void> {
    for (let shard = 0; shard < SHARDS; shard += 1) {
      while ((await seal({ shard, upTo: 'now' }, deps)).refused) continue
    }
  }

  async compactToday(deps: ErasingDeps = this.deps()): Promise<void> {
    const { nowMs } = await this.hot.state(0)
    const dayMs = periodStart(nowMs, DAY_MS)
    for (let shard = 0; shard < SHARDS; shard += 1) await compact({ shard, dayMs }, deps)
  }

  async foldAll(monthMs: number, deps: ErasingDeps = this.deps()): Promise<void> {
    const how = { monthMs, policy: { quietMs: 0 }, isForced: true }
    for (let each = 0; each < SHARDS; each += 1) {
      await fold({ ...how, users: each }, deps)
      await foldWords({ ...how, shard: each }, deps)
    }
  }

  /** Every segment that counts: of the manifests, without runs that folds hold. */
  async segments(): Promise<SegmentEntry[]> {
    const { folds, absorbed } = await this.hot.usersView()
    const all: SegmentEntry[] = [...folds]
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const own = await this.hot.manifest(shard)
      all.push(...own.filter(({ number }) => !absorbed.has(`${shard}:${number}`)))
    }
    return all
  }

  async recordsIn(
    entries: readonly Pick<SegmentEntry, 'key' | 'sizeBytes'>[],
  ): Promise<LogRecord[]> {
    const all: LogRecord[] = []
    for (const { key, sizeBytes } of entries) {
      const source = { store: this.cold, key, sizeBytes }
      const options = { footers: createFooterCache() }
      const query = { ...ALL, order: 'asc' } as const
      for await (const batch of readSegment(source, query, options)) all.push(...batch)
    }
    return all
  }

  async wordsIn(entries: readonly Pick<SegmentEntry, 'key' | 'sizeBytes'>[]): Promise<WordCount[]> {
    const all: WordCount[] = []
    for (const { key, sizeBytes } of entries) {
      for await (const batch of readWords({ store: this.cold, key, sizeBytes }, ALL)) {
        all.push(...batch)
      }
    }
    return all
  }

  async hotRecords(): Promise<LogRecord[]> {
    const all: LogRecord[] = []
    for (let shard = 0; shard < SHARDS; shard += 1) {
      for await (const channelId of this.hot.channels(shard)) {
        const range = { shard, channelId, fromMs: 0, toMs: 1e14 }
        for await (const page of this.hot.readRange(range)) {
          for (const entry of page) {
            const record = recordFromLine(entry.raw, entry)
            assert.ok(record !== undefined)
            all.push(record)
          }
        }
      }
    }
    return all
  }

  /** The keys of a user's records that are in a by-channel segment. */
  async recordsOf(userId: string): Promise<string[]> {
    const entries = (await this.segments()).filter(({ projection }) => projection === 'by-channel')
    const records = await this.recordsIn(entries)
    return sortedKeys(records.filter((record) => record.userId === userId))
  }

  /** Fails unless nothing of an erased user is left in what counts, nor in what Redis holds. */
  async assertGone({ userId, beforeMs }: Pick<Erasure, 'userId' | 'beforeMs'>): Promise<void> {
    await this.assertNoneIn({ userId, beforeMs }, await this.segments())
    const left = (await this.hotRecords()).filter((record) =>
      isErased(record, who(userId, beforeMs)),
    )
    assert.deepEqual({ left }, { left: [] })
  }

  /** Counts of the hour of the request may be of what was said after it; {@link Archive.assertRest} tells. */
  async assertNoneIn(
    { userId, beforeMs }: Pick<Erasure, 'userId' | 'beforeMs'>,
    entries: readonly SegmentEntry[],
  ): Promise<void> {
    const words = await this.wordsIn(entries.filter(isWords))
    const records = await this.recordsIn(entries.filter((entry) => !isWords(entry)))
    const left = records.filter((record) => isErased(record, who(userId, beforeMs)))
    const counted = words.filter((row) => row.userId === userId && row.hourMs < beforeMs - HOUR_MS)
    assert.deepEqual({ left, counted }, { left: [], counted: [] })
  }

  /**
   * Fails unless each record that is not erased is there exactly once, in hot or in a by-channel segment, and
   * those that are covered make up exactly the by-user order and the counts of words.
   */
  async assertRest(
    { userId, beforeMs }: Pick<Erasure, 'userId' | 'beforeMs'>,
    isKept: (record: LogRecord) => boolean = () => true,
  ): Promise<void> {
    const wanted = [...this.given.values()].filter(
      (record) => isKept(record) && !(record.userId === userId && record.sentAtMs < beforeMs),
    )
    const entries = await this.segments()
    const byChannel = entries.filter(({ projection }) => projection === 'by-channel')
    const cold = await this.recordsIn(byChannel)
    const coldKeys = new Set(cold.map(keyOf))
    const hot: LogRecord[] = []
    for (const record of await this.hotRecords()) {
      // A sealed record stays in its stream until it is trimmed.
      const { boundaryMs } = await this.hot.state(this.hot.shardOf(record.channelId))
      if (record.receivedAtMs >= boundaryMs) hot.push(record)
      else assert.ok(coldKeys.has(record.key), 'a record before the boundary is in a segment')
    }
    assert.deepEqual(sortedKeys([...cold, ...hot]), sortedKeys(wanted))
    const covered = await this.recordsIn(byChannel.filter(({ level }) => level === 'day'))
    const byUser = await this.recordsIn(entries.filter((each) => each.projection === 'by-user'))
    assert.deepEqual(sortedKeys(byUser), sortedKeys(covered.filter((each) => each.userId !== '')))
    const counter = new WordCounter()
    for (const record of covered) counter.add(record)
    assert.deepEqual(added(await this.wordsIn(entries.filter(isWords))), added(counter.take()))
  }

  /** Every object of the store decoded, whether a manifest names it or not; what bytes of the mark are in it. */
  async marksInStore(): Promise<string[]> {
    const found: string[] = []
    for await (const { key, sizeBytes } of this.cold.list('')) {
      const isCount = parseSegmentKey(key)?.projection === 'words'
      const what = isCount
        ? (await this.wordsIn([{ key, sizeBytes }])).map(({ word, userId }) => `${userId} ${word}`)
        : (await this.recordsIn([{ key, sizeBytes }])).map(({ raw }) => raw)
      if (what.some((text) => text.includes(MARK) || text.includes(GONE))) found.push(key)
    }
    return found
  }

  #newRecords(sentAt: (index: number) => number): LogRecord[] {
    const records: LogRecord[] = []
    for (const [index, user] of [...USERS, ...USERS.slice(0, 3)].entries()) {
      for (const channelId of CHANNELS) {
        lines += 1
        const record = recordFromLine(lineOf(channelId, user, sentAt(index)), { receivedAtMs: 0 })
        assert.ok(record !== undefined)
        const plain = { ...record, receivedAtMs: record.sentAtMs }
        records.push(plain)
        this.given.set(record.key, plain)
      }
    }
    return records
  }
}

function lineOf(channelId: string, user: string, sentAtMs: number): string {
  const id = `4f0c7f9e-0000-4000-8000-${String(lines).padStart(12, '0')}`
  const where = `room-id=${channelId};tmi-sent-ts=${sentAtMs}`
  // A record of nobody: the whole chat is cleared.
  if (user === '') return `@${where} :tmi.twitch.tv CLEARCHAT #c${channelId}`
  const text = user === GONE ? `${MARK} things ${lines}` : `hello again ${lines}`
  return `@id=${id};${where};user-id=${user} :u${user}!u@u.tmi.twitch.tv PRIVMSG #c${channelId} :${text}`
}

const who = (userId: string, beforeMs: number) => new Map([[userId, beforeMs]])
const isWords = ({ projection }: SegmentEntry): boolean => projection === 'words'
const keyOf = ({ key }: LogRecord): string => key
const sortedKeys = (records: readonly LogRecord[]): string[] => records.map(keyOf).toSorted()

/** Counts of the same word, hour and user added up. */
function added(rows: readonly WordCount[]): WordCount[] {
  const sum: WordCount[] = []
  for (const row of rows.map((each) => ({ ...each })).toSorted(compareWordCounts)) {
    const last = sum.at(-1)
    if (last === undefined || compareWordCounts(last, row) !== 0) sum.push(row)
    else sum[sum.length - 1] = addCounts(last, row)
  }
  return sum
}

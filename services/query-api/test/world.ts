import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHotStore } from '@poglog/hot-store'
import type { AppendLine, HotStore, SegmentEntry } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import type { RedisServer } from '@poglog/hot-store/server'
import { createFooterCache, readSegment, recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { openObjectStore } from '@poglog/object-store'
import type { ObjectStore } from '@poglog/object-store'
import { createLogger } from '@poglog/service-kit'
import { createApp } from '../src/app.ts'
import type { AppDeps } from '../src/app.ts'
import type { QueryApp } from '../src/app-types.ts'
import { createEvents } from '../src/events.ts'
import { Gate } from '../src/gate.ts'
import { READ_LIMITS } from '../src/limits.ts'
import type { ReadLimits } from '../src/limits.ts'
import { PageBoundsCache } from '../src/read/page-bounds.ts'
import { recordOf } from '../src/testing/lines.ts'
import type { LineParts } from '../src/testing/lines.ts'
import { storeGroup, storeSegment } from '../src/testing/segments.ts'

/** Limits so small that a handful of records meets every bound. */
export const SMALL_LIMITS: ReadLimits = {
  firstPageEntries: 2,
  pageEntries: 3,
  keptEntries: 5,
  roundRecords: 4,
  openRunsMax: 2,
  openChannelsMax: 2,
}

/** A real Redis and a real folder with the API over them, and what an archiver would do to them. */
export class World implements AsyncDisposable {
  readonly dir: string
  readonly redis: RedisServer
  readonly hot: HotStore
  readonly cold: ObjectStore
  /** Records found in two places; a test of health expects none. */
  equalKeys = 0
  readonly #pageBounds = new PageBoundsCache({ settledMs: 0 })

  private constructor(parts: {
    dir: string
    redis: RedisServer
    hot: HotStore
    cold: ObjectStore
  }) {
    this.dir = parts.dir
    this.redis = parts.redis
    this.hot = parts.hot
    this.cold = parts.cold
  }

  static async open({ shards = 2 }: { shards?: number } = {}): Promise<World> {
    const dir = await mkdtemp(join(tmpdir(), 'query-api-'))
    const redis = await startRedisServer({ dir: join(dir, 'redis') })
    const hot = await openHotStore({ url: redis.url, shards })
    const cold = await openObjectStore({ url: `file://${join(dir, 'objects')}` })
    return new World({ dir, redis, hot, cold })
  }

  deps(changes: Partial<AppDeps> = {}): AppDeps {
    const events = createEvents(createLogger({ name: 'test', level: 'silent' }))
    return {
      hot: this.hot,
      cold: this.cold,
      footers: createFooterCache(),
      // Tests do not wait for pages to settle; without rollbacks they need not.
      pageBounds: this.#pageBounds,
      limits: READ_LIMITS,
      onEqualKeys: (count) => {
        this.equalKeys += count
      },
      events,
      gate: new Gate(64),
      ready: { hot: () => this.hot.ping(), cold: () => this.cold.size('probe') },
      ...changes,
    }
  }

  app(changes: Partial<AppDeps> = {}): QueryApp {
    return createApp(this.deps(changes))
  }

  /** Appends made-up lines as ingest would; resolves when they are acknowledged. */
  async append(lines: readonly LineParts[]): Promise<LogRecord[]> {
    const records = lines.map((line) => recordOf(line))
    await this.appendRecords(records)
    return records
  }

  async appendRecords(records: readonly LogRecord[]): Promise<void> {
    const byShard = Map.groupBy(records, ({ channelId }) => this.hot.shardOf(channelId))
    for (const [shard, group] of byShard) {
      const appendLines = group.map((record): AppendLine => record)
      const { appended } = await this.hot.append(shard, appendLines)
      if (appended !== group.length) throw new Error('made-up lines were dropped as seen')
    }
  }

  /** Moves a shard's hot records into a segment, as the archiver does; returns its key, if there was anything. */
  async seal(shard: number, keepMs = 0): Promise<string | undefined> {
    const { nowMs, boundaryMs } = await this.hot.state(shard)
    const cutMs = Math.max(boundaryMs, nowMs + 1 - keepMs)
    const frozen = await this.hot.freeze(shard, cutMs)
    const records = await this.#sealable(shard, { fromMs: frozen.boundaryMs, toMs: cutMs })
    if (records.length === 0) {
      await this.hot.commit(frozen, { cutMs, segment: undefined, records: 0 })
      return undefined
    }
    const identity = {
      shard,
      shards: this.hot.shards,
      number: frozen.next,
      projection: 'by-channel' as const,
      level: 'hour' as const,
      arrivalFromMs: frozen.boundaryMs,
      arrivalToMs: cutMs,
    }
    const segment = await storeSegment(records, identity, this.cold)
    const result = await this.hot.commit(frozen, { cutMs, segment, records: records.length })
    if (result !== 'committed') throw new Error(`the seal was ${result}`)
    return segment.key
  }

  async sealAll(): Promise<void> {
    for (let shard = 0; shard < this.hot.shards; shard += 1) await this.seal(shard)
  }

  /** Makes one group of all hourly segments of a shard, as the archiver does; words left out. */
  async compact(shard: number): Promise<boolean> {
    const { hot, cold } = this
    const reservation = await hot.reserve(shard, 1 + hot.shards)
    const removed = (await hot.manifest(shard)).filter(({ level }) => level === 'hour')
    if (removed.length === 0) return false
    const plan = {
      shard,
      shards: hot.shards,
      firstNumber: reservation.first,
      arrivalFromMs: Math.min(...removed.map(({ arrivalFromMs }) => arrivalFromMs)),
      arrivalToMs: Math.max(...removed.map(({ arrivalToMs }) => arrivalToMs)),
      userShardOf: (userId: string) => hot.userShardOf(userId),
    }
    const added = await storeGroup(await this.#readAll(removed), plan, cold)
    const result = await hot.swap(reservation, { removed, added })
    if (result !== 'committed') throw new Error(`the compaction was ${result}`)
    return true
  }

  /** Folds all runs of all shards with the folds there are, and takes the runs out of the manifests. */
  async fold(): Promise<boolean> {
    const { hot } = this
    const reservation = await hot.reserve('users', hot.shards)
    const { folds, absorbed } = await hot.usersView()
    const runs: { readonly shard: number; readonly run: SegmentEntry }[] = []
    for (let shard = 0; shard < hot.shards; shard += 1) {
      const found = (await hot.manifest(shard)).filter(
        ({ level, number }) => level === 'run' && !absorbed.has(`${shard}:${number}`),
      )
      runs.push(...found.map((run) => ({ shard, run })))
    }
    if (runs.length === 0) return false
    const added: SegmentEntry[] = []
    for (let users = 0; users < hot.shards; users += 1) {
      const inputs = [...folds, ...runs.map(({ run }) => run)].filter(
        (input) => input.users === users,
      )
      if (inputs.length === 0) continue
      const identity = {
        shard: users,
        shards: hot.shards,
        number: reservation.first + users,
        projection: 'by-user',
        level: 'fold',
        users,
        arrivalFromMs: Math.min(...inputs.map(({ arrivalFromMs }) => arrivalFromMs)),
        arrivalToMs: Math.max(...inputs.map(({ arrivalToMs }) => arrivalToMs)),
      } as const
      added.push(await storeSegment(await this.#readAll(inputs), identity, this.cold))
    }
    const absorbs = runs.map(({ shard, run }) => ({ shard, number: run.number }))
    const result = await hot.swap(reservation, { removed: folds, added, absorbs })
    if (result !== 'committed') throw new Error(`the fold was ${result}`)
    await hot.dropAbsorbed(absorbs)
    return true
  }

  async #readAll(segments: readonly SegmentEntry[]): Promise<LogRecord[]> {
    const records: LogRecord[] = []
    const query = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, order: 'asc' } as const
    for (const { key, sizeBytes } of segments) {
      const batches = readSegment({ store: this.cold, key, sizeBytes }, query)
      for await (const batch of batches) records.push(...batch)
    }
    return records
  }

  /** Removes what is sealed from Redis. */
  async trim(shard: number): Promise<void> {
    const { boundaryMs } = await this.hot.state(shard)
    await this.hot.trim(shard, { beforeMs: boundaryMs })
  }

  async #sealable(shard: number, range: { fromMs: number; toMs: number }): Promise<LogRecord[]> {
    const records: LogRecord[] = []
    for await (const channelId of this.hot.channels(shard)) {
      for await (const entries of this.hot.readRange({ shard, channelId, ...range })) {
        for (const entry of entries) {
          const record = recordFromLine(entry.raw, entry)
          if (record !== undefined) records.push(record)
        }
      }
    }
    return records
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hot.close()
    await this.cold.close()
    await this.redis.stop()
    await rm(this.dir, { recursive: true, force: true })
  }
}

import type {
  HotEntry,
  HotPage,
  OptOuts,
  SegmentEntry,
  TailPage,
  TailQuery,
  UsersView,
  VersionedSnapshot,
} from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import type { HotReads } from '../read/deps.ts'
import { compareIds, lastIdBefore } from '../read/stream-id.ts'
import { storeGroup, storeSegment } from './segments.ts'

const START_MS = Date.UTC(2026, 10, 3, 12)
const DAY_MS = 86_400_000

interface Shard {
  /** How far its clock is ahead of the others. */
  aheadMs: number
  /** Channel id -> the last arrival it ever had. */
  readonly lastMs: Map<string, number>
  boundaryMs: number
  trimmedMs: number
  next: number
  entries: readonly HotEntry[]
  segments: readonly SegmentEntry[]
  erased: ReadonlyMap<string, number>
}

/**
 * The whole log of two shards in memory, with what an archiver does to it, so that a test can do any of it between
 * two calls of a reader. Channels and users with odd ids are of shard 1.
 */
export class MemoryLog implements HotReads {
  readonly shards = 2
  readonly cold: ObjectStore
  /** All that was appended. */
  records: readonly LogRecord[] = []
  /** What is in which object. */
  #contents = new Map<string, readonly LogRecord[]>()
  #shards: readonly Shard[] = [emptyShard(), emptyShard()]
  #seen: readonly { shard: number; dayMs: number; userId: string; channelId: string }[] = []
  #users: UsersView = { version: '0', folds: [], absorbed: new Set(), erased: new Map() }
  #nextFold = 1
  #removed: readonly string[] = []
  #nowMs = START_MS

  /** Replaced by another object when it changes, as the store does. */
  optedOut: OptOuts = { users: new Set(), channels: new Set() }

  readonly optOuts = { view: async () => this.optedOut }
  readonly retention = { all: async () => new Map<string, number>() }

  constructor(cold: ObjectStore) {
    this.cold = cold
  }

  /** The same log over its own store; what is done to it does not touch this one. */
  copy(cold: ObjectStore): MemoryLog {
    const copy = new MemoryLog(cold)
    copy.records = this.records
    copy.#contents = new Map(this.#contents)
    copy.#shards = this.#shards.map((shard) => ({ ...shard, lastMs: new Map(shard.lastMs) }))
    copy.#seen = this.#seen
    copy.#users = this.#users
    copy.#nextFold = this.#nextFold
    copy.#removed = this.#removed
    copy.#nowMs = this.#nowMs
    return copy
  }

  /** Redis time; it goes on by a millisecond with every record. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** How many objects a removal would delete. */
  get removable(): number {
    return this.#removed.length
  }

  append(records: readonly LogRecord[]): void {
    for (const record of records) {
      this.#nowMs += 1
      this.appendTogether([record])
    }
  }

  /** Appends records of one shard in one call: those of a channel have one arrival, after all that the channel has. */
  appendTogether(records: readonly LogRecord[]): void {
    const arrivals = new Map<string, number>()
    for (const [at, record] of records.entries()) {
      const { channelId, userId } = record
      const number = this.shardOf(channelId)
      const shard = this.#shard(number)
      const nowMs = Math.max(this.clock(number), shard.boundaryMs)
      const lastMs = shard.lastMs.get(channelId) ?? 0
      const receivedAtMs = arrivals.get(channelId) ?? Math.max(nowMs, lastMs + 1)
      arrivals.set(channelId, receivedAtMs)
      shard.lastMs.set(channelId, receivedAtMs)
      const entry = { ...record, id: `${receivedAtMs}-${at}`, receivedAtMs }
      shard.entries = [...shard.entries, entry]
      const dayMs = nowMs - (nowMs % DAY_MS)
      this.#seen = [...this.#seen, { shard: number, dayMs, userId, channelId }]
      this.records = [...this.records, { ...record, receivedAtMs }]
    }
  }

  /** Redis time of a shard. */
  clock(number: number): number {
    return this.#nowMs + this.#shard(number).aheadMs
  }

  /** Moves the clock of a shard, back where `byMs` is negative. */
  stepClock(number: number, byMs: number): void {
    this.#shard(number).aheadMs += byMs
  }

  /** Lets time go by. */
  pass(ms: number): void {
    this.#nowMs += ms
  }

  async openTail() {
    return {
      read: async ({ shard, after, maxEntries = 1000 }: TailQuery): Promise<TailPage> => {
        const { boundaryMs: floorMs, trimmedMs } = this.#shard(shard)
        const channels = new Map<string, readonly HotEntry[]>()
        for (const [channelId, afterId] of after) {
          const { entries } = this.#page({ shard, channelId, afterId, maxEntries })
          if (entries.length > 0) channels.set(channelId, entries)
        }
        return { nowMs: this.clock(shard), floorMs, trimmedMs, channels, damaged: new Map() }
      },
      lastArrivals: async (shard: number) => {
        const { entries } = this.#shard(shard)
        return new Map(entries.map(({ channelId, receivedAtMs }) => [channelId, receivedAtMs]))
      },
      close: () => undefined,
    }
  }

  /** Lets a day go by. */
  nextDay(): void {
    this.#nowMs += DAY_MS
  }

  /** Moves a shard's hot records into an hourly segment. */
  async seal(number: number): Promise<void> {
    const shard = this.#shard(number)
    const cutMs = Math.max(shard.boundaryMs, this.clock(number) + 1)
    const hot = shard.entries.filter(
      ({ receivedAtMs }) => receivedAtMs >= shard.boundaryMs && receivedAtMs < cutMs,
    )
    const sealed = this.records.filter(
      (record) => this.shardOf(record.channelId) === number && hot.some(isOf(record)),
    )
    if (sealed.length > 0) {
      const identity = {
        shard: number,
        shards: this.shards,
        number: shard.next,
        projection: 'by-channel',
        level: 'hour',
        arrivalFromMs: Math.max(shard.boundaryMs, hot[0]?.receivedAtMs ?? 0),
        arrivalToMs: cutMs,
      } as const
      const entry = await storeSegment(sealed, identity, this.cold)
      this.#contents.set(entry.key, sealed)
      shard.segments = [...shard.segments, entry]
      shard.next += 1
    }
    shard.boundaryMs = cutMs
  }

  trim(number: number): void {
    const shard = this.#shard(number)
    shard.trimmedMs = shard.boundaryMs
    shard.entries = shard.entries.filter(({ receivedAtMs }) => receivedAtMs >= shard.boundaryMs)
  }

  /** Makes one group of all hourly segments of a shard. */
  async compact(number: number): Promise<void> {
    const shard = this.#shard(number)
    const inputs = shard.segments.filter(({ level }) => level === 'hour')
    if (inputs.length === 0) return
    const records = inputs.flatMap(({ key }) => this.#contents.get(key) ?? [])
    const plan = {
      shard: number,
      shards: this.shards,
      firstNumber: shard.next,
      arrivalFromMs: Math.min(...inputs.map(({ arrivalFromMs }) => arrivalFromMs)),
      arrivalToMs: Math.max(...inputs.map(({ arrivalToMs }) => arrivalToMs)),
      userShardOf: (userId: string) => this.userShardOf(userId),
    }
    shard.next += 1 + this.shards
    const added = await storeGroup(records, plan, this.cold)
    for (const { key, projection, users } of added) {
      const isIn = ({ userId }: LogRecord): boolean =>
        projection === 'by-channel' || (userId !== '' && this.userShardOf(userId) === users)
      this.#contents.set(key, records.filter(isIn))
    }
    shard.segments = [...shard.segments.filter((entry) => !inputs.includes(entry)), ...added]
    this.#removed = [...this.#removed, ...inputs.map(({ key }) => key)]
  }

  /** Folds all runs of all shards with the folds there are. */
  async fold(): Promise<void> {
    const { absorbed, folds, erased } = this.#users
    const added: SegmentEntry[] = []
    const marks = new Set(absorbed)
    for (let users = 0; users < this.shards; users += 1) {
      const inputs = folds.filter((fold) => fold.users === users)
      for (const [shard, { segments }] of this.#shards.entries()) {
        for (const run of segments) {
          const mark = `${shard}:${run.number}`
          if (run.projection !== 'by-user' || run.users !== users || marks.has(mark)) continue
          inputs.push(run)
          marks.add(mark)
        }
      }
      if (inputs.length === 0) continue
      const records = inputs.flatMap(({ key }) => this.#contents.get(key) ?? [])
      const identity = {
        shard: users,
        shards: this.shards,
        number: this.#nextFold,
        projection: 'by-user',
        level: 'fold',
        users,
        arrivalFromMs: Math.min(...inputs.map(({ arrivalFromMs }) => arrivalFromMs)),
        arrivalToMs: Math.max(...inputs.map(({ arrivalToMs }) => arrivalToMs)),
      } as const
      this.#nextFold += 1
      const fold = await storeSegment(records, identity, this.cold)
      this.#contents.set(fold.key, records)
      added.push(fold)
    }
    this.#removed = [...this.#removed, ...folds.map(({ key }) => key)]
    this.#setUsers({ folds: added, absorbed: marks, erased })
  }

  /** Takes absorbed runs out of the manifests. */
  dropAbsorbed(): void {
    const { absorbed } = this.#users
    for (const [number, shard] of this.#shards.entries()) {
      const isDropped = (entry: SegmentEntry): boolean =>
        entry.projection === 'by-user' && absorbed.has(`${number}:${entry.number}`)
      const dropped = shard.segments.filter(isDropped).map(({ key }) => key)
      this.#removed = [...this.#removed, ...dropped]
      shard.segments = shard.segments.filter((entry) => !isDropped(entry))
    }
  }

  /** Forgets what was absorbed, where no manifest names it any more. */
  forgetAbsorbed(): void {
    const named = new Set(
      this.#shards.flatMap(({ segments }, shard) =>
        segments.map(({ number }) => `${shard}:${number}`),
      ),
    )
    const kept = [...this.#users.absorbed].filter((mark) => named.has(mark))
    this.#setUsers({ ...this.#users, absorbed: new Set(kept) })
  }

  /** Deletes the objects that no manifest names any more. */
  async removeObjects(): Promise<void> {
    await this.cold.deleteMany(this.#removed)
    this.#removed = []
  }

  /** Hides what a user has sent until a time; `scopes` of the shards and the folds are told, in that order. */
  erase(userId: string, beforeMs: number, scopes = 3): void {
    for (const shard of this.#shards.slice(0, scopes)) {
      shard.erased = new Map(shard.erased).set(userId, beforeMs)
    }
    if (scopes < 3) return
    const erased = new Map(this.#users.erased).set(userId, beforeMs)
    this.#setUsers({ ...this.#users, erased })
  }

  shardOf(channelId: string): number {
    return Number(channelId) % 2
  }

  userShardOf(userId: string): number {
    return Number(userId) % 2
  }

  async firstArrival(number: number): Promise<number | undefined> {
    const { entries, boundaryMs } = this.#shard(number)
    return entries.find(({ receivedAtMs }) => receivedAtMs >= boundaryMs)?.receivedAtMs
  }

  async snapshot(request: {
    readonly shard: number
    readonly channelId: string | undefined
    readonly maxEntries?: number
  }): Promise<VersionedSnapshot> {
    const { shard: number, channelId, maxEntries } = request
    const { boundaryMs, trimmedMs, next, segments, erased } = this.#shard(number)
    const afterId = lastIdBefore(boundaryMs)
    const page =
      channelId === undefined
        ? { entries: [], nextId: undefined }
        : this.#page({ shard: number, channelId, afterId, maxEntries })
    const clocks = {
      boundaryMs,
      trimmedMs,
      floorMs: boundaryMs,
      aheadMs: 0,
      nowMs: this.clock(number),
    }
    const state = {
      shard: number,
      next,
      epoch: 0,
      generation: 0,
      hotRecords: 0,
      hotBytes: 0,
      ...clocks,
    }
    const keys = segments.map(({ key }) => key)
    const version = JSON.stringify([boundaryMs, keys, [...erased]])
    return { state, version, segments, erased, page }
  }

  async usersView(): Promise<UsersView> {
    return this.#users
  }

  async readPage(request: {
    readonly shard: number
    readonly channelId: string
    readonly afterId: string
    readonly maxEntries?: number
  }): Promise<HotPage | 'retry'> {
    const afterMs = Number(request.afterId.split('-')[0])
    return this.#shard(request.shard).trimmedMs > afterMs ? 'retry' : this.#page(request)
  }

  async userChannels(request: {
    readonly shard: number
    readonly userId: string
    readonly fromDayMs: number
    readonly toDayMs: number
  }): Promise<string[]> {
    const { shard, userId, fromDayMs, toDayMs } = request
    const own = this.#seen.filter(
      (seen) =>
        seen.shard === shard &&
        seen.userId === userId &&
        seen.dayMs >= fromDayMs &&
        seen.dayMs <= toDayMs,
    )
    return [...new Set(own.map(({ channelId }) => channelId))]
  }

  #shard(number: number): Shard {
    const shard = this.#shards[number]
    if (shard === undefined) throw new Error(`no shard ${number}`)
    return shard
  }

  #setUsers(view: Omit<UsersView, 'version'>): void {
    this.#users = { ...view, version: String(Number(this.#users.version) + 1) }
  }

  #page(request: {
    readonly shard: number
    readonly channelId: string
    readonly afterId: string
    readonly maxEntries?: number | undefined
  }): HotPage {
    const { shard, channelId, afterId, maxEntries = 1000 } = request
    const entries = this.#shard(shard)
      .entries.filter((entry) => entry.channelId === channelId && compareIds(entry.id, afterId) > 0)
      .slice(0, maxEntries)
    return { entries, nextId: entries.length < maxEntries ? undefined : entries.at(-1)?.id }
  }
}

function emptyShard(): Shard {
  return {
    aheadMs: 0,
    lastMs: new Map(),
    boundaryMs: 0,
    trimmedMs: 0,
    next: 1,
    entries: [],
    segments: [],
    erased: new Map(),
  }
}

function isOf({ raw }: LogRecord): (entry: HotEntry) => boolean {
  return (entry) => entry.raw === raw
}

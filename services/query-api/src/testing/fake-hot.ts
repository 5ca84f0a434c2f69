import type {
  ClientHit,
  Erasure,
  HotEntry,
  HotPage,
  OptOutChange,
  OptOutKind,
  OptOuts,
  RegisteredChannel,
  ReplicaStatus,
  SegmentEntry,
  ShardState,
  TailPage,
  TailQuery,
  UsersView,
  VersionedSnapshot,
} from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import type { HotReads } from '../read/deps.ts'
import { compareIds } from '../read/stream-id.ts'
import type { LiveReplica } from '../read/coverage-claims.ts'
import type { ChannelStore } from '../recent-messages/channel-state.ts'
import type { FleetReads } from '../routes/coverage.ts'
import type { NameReads } from '../routes/subjects.ts'

const NOW_MS = 1_800_000_000_000
const DAY_MS = 86_400_000

/** A replica of ingest, with the slots that it declares. */
type FakeReplica = LiveReplica & Partial<ReplicaStatus>

/** A hot store of one shard in memory: what was appended, a boundary, a manifest. */
export class FakeHot implements HotReads, NameReads, FleetReads, ChannelStore {
  readonly shards: number = 1
  readonly segments: SegmentEntry[] = []
  readonly folds: SegmentEntry[] = []
  readonly absorbed = new Set<string>()
  readonly erased = new Map<string, number>()
  readonly retentionDays = new Map<string, number>()
  readonly logins = new Map<string, string>()
  usersVersion = 0
  boundaryMs = 0
  trimmedMs = 0
  #entries: HotEntry[] = []
  #arrivals = 0

  readonly names = {
    idsOf: async (logins: readonly string[]) => {
      const ids = [...this.logins].flatMap(([id, login]) =>
        logins.includes(login) ? [[login, id] as const] : [],
      )
      return new Map(ids)
    },
    loginsOf: async (ids: readonly string[]) =>
      new Map([...this.logins].filter(([id]) => ids.includes(id))),
  }

  /** Logins of channels that are logged. */
  readonly registered = new Set<string>()

  /** When all channels were registered. */
  registrationMs = 0

  /** Logins that were registered because somebody asked, and whose access was noted. */
  readonly asked = new Set<string>()

  readonly accesses: string[] = []

  readonly registry = {
    ask: async (login: string, askedMax: number) => {
      if (this.registered.has(login)) return 'known'
      if (this.asked.size >= askedMax) return 'full'
      this.asked.add(login)
      this.registered.add(login)
      return 'added'
    },
    noteAccess: async (login: string) => void this.accesses.push(login),
    list: async () => [...this.registered].toSorted().map((login) => this.#channel(login)),
    find: async (login: string) => (this.registered.has(login) ? this.#channel(login) : undefined),
    add: async (logins: readonly string[]) => {
      for (const login of logins) this.registered.add(login)
      return logins.length
    },
    remove: async (logins: readonly string[]) =>
      logins.filter((login) => this.registered.delete(login)).length,
  }

  /** Replicas of ingest that are alive. */
  readonly live: FakeReplica[] = []
  readonly lost = { lostPending: 0, lostDropped: 0 }
  /** Login -> messages a minute. */
  readonly rates = new Map<string, number>()

  /** A test may put another one here. */
  replicas = {
    rates: async (logins: readonly string[]) =>
      new Map([...this.rates].filter(([login]) => logins.includes(login))),
    list: async () => ({
      nowMs: this.nowMs,
      replicas: this.live.map((alive) => ({
        weight: 1,
        isLeaving: false,
        joinedMs: this.nowMs,
        beatMs: this.nowMs,
        load: { channels: 0, messagesPerSecond: 0, utilisation: 0 },
        slots: new Map(),
        ...alive,
      })),
      ...this.lost,
    }),
  }

  readonly retention = {
    all: async () => new Map(this.retentionDays),
    set: async (channelId: string, days: number | undefined) => {
      if (days === undefined) this.retentionDays.delete(channelId)
      else this.retentionDays.set(channelId, days)
    },
  }

  /** Ids of who is opted out; replaced by another object when it changes, as the store does. */
  optedOut: OptOuts = { users: new Set(), channels: new Set() }

  readonly optOuts = {
    view: async () => this.optedOut,
    issueCode: async (): Promise<string | undefined> => 'aB3dE',
    set: async ({ kind, id, isOut }: OptOutChange) => {
      const ids = new Set(this.optedOut[kind])
      const isChanged = ids.has(id) !== isOut
      if (isOut) ids.add(id)
      else ids.delete(id)
      this.optedOut = { ...this.optedOut, [kind]: ids }
      return isChanged
    },
    list: async (kind: OptOutKind) =>
      [...this.optedOut[kind]].map((id) => ({ id, sinceMs: this.nowMs })),
  }

  readonly erasures = {
    request: async (userId: string) => {
      this.erased.set(userId, this.nowMs)
      return this.#erasure(userId, this.nowMs)
    },
    find: async (userId: string) => {
      const beforeMs = this.erased.get(userId)
      return beforeMs === undefined ? undefined : this.#erasure(userId, beforeMs)
    },
  }

  readonly #hits = new Map<string, number>()

  /** One window that never ends. */
  readonly clientHits = {
    add: async ({ client, hits, windowMs }: ClientHit) => {
      const sum = (this.#hits.get(client) ?? 0) + hits
      this.#hits.set(client, sum)
      return { hits: sum, leftMs: windowMs }
    },
  }

  /** What is in Redis, in order of arrival. */
  get entries(): readonly HotEntry[] {
    return this.#entries
  }

  /** Redis time; every record arrives a millisecond after the one before. */
  get nowMs(): number {
    return NOW_MS
  }

  /** Adds records in the order given; each arrives a millisecond after the one before. */
  append(records: readonly LogRecord[]): void {
    for (const { channelId, sentAtMs, userId, type, raw } of records) {
      const receivedAtMs = NOW_MS - 1_000_000 + this.#arrivals
      this.#arrivals += 1
      const id = `${receivedAtMs}-0`
      this.#entries.push({ id, channelId, receivedAtMs, sentAtMs, userId, type, raw })
    }
  }

  /** Lets time pass before the next record arrives. */
  passMs(durationMs: number): void {
    this.#arrivals += durationMs
  }

  /** The arrival that the next record will have. */
  get nextArrivalMs(): number {
    return NOW_MS - 1_000_000 + this.#arrivals
  }

  /** Takes entries out of the streams, wherever they lie. */
  erase(isErased: (entry: HotEntry) => boolean): void {
    this.#entries = this.#entries.filter((entry) => !isErased(entry))
  }

  shardOf(_channelId: string): number {
    return 0
  }

  userShardOf(_userId: string): number {
    return 0
  }

  async state(shard = 0): Promise<ShardState> {
    const { boundaryMs, trimmedMs } = this
    const counts = {
      floorMs: boundaryMs,
      aheadMs: 0,
      next: 1,
      epoch: 0,
      generation: 0,
      hotRecords: 0,
      hotBytes: 0,
    }
    return { shard, boundaryMs, trimmedMs, nowMs: NOW_MS, ...counts }
  }

  async firstArrival(_shard?: number): Promise<number | undefined> {
    return this.#entries.find(({ receivedAtMs }) => receivedAtMs >= this.boundaryMs)?.receivedAtMs
  }

  async snapshot(request: {
    readonly shard?: number
    readonly channelId: string | undefined
    readonly maxEntries?: number
  }): Promise<VersionedSnapshot> {
    const { channelId, shard = 0, maxEntries = 1000 } = request
    const afterId = `${this.boundaryMs - 1}-1`
    const page =
      channelId === undefined
        ? { entries: [], nextId: undefined }
        : this.#page({ channelId, afterId, maxEntries })
    const state = await this.state(shard)
    const keys = this.segments.map(({ key }) => key)
    const version = JSON.stringify([this.boundaryMs, keys, [...this.erased]])
    return { state, version, segments: [...this.segments], erased: new Map(this.erased), page }
  }

  async usersView(): Promise<UsersView> {
    const { folds, absorbed, erased } = this
    return {
      version: String(this.usersVersion),
      folds: [...folds],
      absorbed: new Set(absorbed),
      erased: new Map(erased),
    }
  }

  async readPage(request: {
    readonly channelId: string
    readonly afterId: string
    readonly maxEntries?: number
  }): Promise<HotPage | 'retry'> {
    const afterMs = Number(request.afterId.split('-')[0])
    return this.trimmedMs > afterMs ? 'retry' : this.#page(request)
  }

  async userChannels(request: {
    readonly shard?: number
    readonly userId: string
    readonly fromDayMs: number
    readonly toDayMs: number
  }): Promise<string[]> {
    const { userId, fromDayMs, toDayMs } = request
    const own = this.#entries.filter(
      (seen) =>
        seen.userId === userId &&
        seen.receivedAtMs < toDayMs + DAY_MS &&
        seen.receivedAtMs >= fromDayMs,
    )
    return [...new Set(own.map(({ channelId }) => channelId))]
  }

  async openTail() {
    return {
      read: async ({ after }: TailQuery): Promise<TailPage> => {
        const channels = new Map(
          [...after].map(([channelId, afterId]) => [
            channelId,
            this.#page({ channelId, afterId }).entries,
          ]),
        )
        const times = { nowMs: this.nowMs, floorMs: this.boundaryMs, trimmedMs: this.trimmedMs }
        return { ...times, channels, damaged: new Map() }
      },
      lastArrivals: async () => new Map<string, number>(),
      close: () => undefined,
    }
  }

  #erasure(userId: string, beforeMs: number): Erasure {
    return { userId, requestedAtMs: beforeMs, beforeMs, state: 'pending', report: undefined }
  }

  #channel(login: string): RegisteredChannel {
    const [channelId] = [...this.logins].find(([, learnt]) => learnt === login) ?? []
    return {
      login,
      channelId: this.asked.has(login) ? undefined : channelId,
      addedAtMs: this.registrationMs,
    }
  }

  #page(request: {
    readonly channelId: string
    readonly afterId: string
    readonly maxEntries?: number
  }): HotPage {
    const { channelId, afterId, maxEntries = 1000 } = request
    const entries = this.#entries
      .filter((entry) => entry.channelId === channelId && compareIds(entry.id, afterId) > 0)
      .filter(({ receivedAtMs }) => receivedAtMs >= this.trimmedMs)
      .slice(0, maxEntries)
    return { entries, nextId: entries.length < maxEntries ? undefined : entries.at(-1)?.id }
  }
}

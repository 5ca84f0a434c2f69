import type {
  HotEntry,
  HotPage,
  RegisteredChannel,
  SegmentEntry,
  ShardState,
} from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import type { HotReads } from '../read/deps.ts'
import type { NameReads } from '../routes/subjects.ts'

const NOW_MS = 1_800_000_000_000

/** A hot store of one shard in memory: what was appended, a boundary, a manifest. */
export class FakeHot implements HotReads, NameReads {
  readonly shards = 1
  readonly segments: SegmentEntry[] = []
  readonly logins = new Map<string, string>()
  boundaryMs = 0
  trimmedMs = 0
  readonly #entries: HotEntry[] = []

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

  readonly registry = {
    list: async () => [...this.registered].map((login) => this.#channel(login)),
    find: async (login: string) => (this.registered.has(login) ? this.#channel(login) : undefined),
  }

  /** Adds records in the order given; each arrives a millisecond after the one before. */
  append(records: readonly LogRecord[]): void {
    for (const { channelId, sentAtMs, userId, type, raw } of records) {
      const receivedAtMs = NOW_MS - 1_000_000 + this.#entries.length
      const id = `${receivedAtMs}-0`
      this.#entries.push({ id, channelId, receivedAtMs, sentAtMs, userId, type, raw })
    }
  }

  shardOf(): number {
    return 0
  }

  async state(): Promise<ShardState> {
    const { boundaryMs, trimmedMs } = this
    const counts = { floorMs: boundaryMs, next: 1, epoch: 0, generation: 0, hotRecords: 0 }
    return { shard: 0, boundaryMs, trimmedMs, nowMs: NOW_MS, ...counts }
  }

  async manifest(): Promise<readonly SegmentEntry[]> {
    return this.segments
  }

  async firstArrival(): Promise<number | undefined> {
    return this.#entries[0]?.receivedAtMs
  }

  async snapshot(request: { readonly channelId: string; readonly maxEntries?: number }) {
    const afterMs = this.boundaryMs - 1
    const page = this.#page({ ...request, afterMs })
    return { state: await this.state(), segments: [...this.segments], erased: new Map(), page }
  }

  async readPage(request: {
    readonly channelId: string
    readonly afterId: string
    readonly maxEntries?: number
  }): Promise<HotPage | 'retry'> {
    const afterMs = Number(request.afterId.split('-')[0])
    return this.trimmedMs > afterMs ? 'retry' : this.#page({ ...request, afterMs })
  }

  async userChannels({ userId }: { readonly userId: string }): Promise<string[]> {
    const own = this.#entries.filter((entry) => entry.userId === userId)
    return [...new Set(own.map(({ channelId }) => channelId))]
  }

  #channel(login: string): RegisteredChannel {
    const [channelId] = [...this.logins].find(([, learnt]) => learnt === login) ?? []
    return { login, channelId, addedAtMs: 0 }
  }

  #page(request: { channelId: string; afterMs: number; maxEntries?: number }): HotPage {
    const { channelId, afterMs, maxEntries = 1000 } = request
    const entries = this.#entries
      .filter((entry) => entry.channelId === channelId && entry.receivedAtMs > afterMs)
      .filter(({ receivedAtMs }) => receivedAtMs >= this.trimmedMs)
      .slice(0, maxEntries)
    return { entries, nextId: entries.length < maxEntries ? undefined : entries.at(-1)?.id }
  }
}

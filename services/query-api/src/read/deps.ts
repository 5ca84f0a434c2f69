import type { HotPage, OptOuts, UsersView, VersionedSnapshot } from '@poglog/hot-store'
import type { FooterCache } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import type { ReadLimits } from '../limits.ts'
import type { PageBoundsCache } from './page-bounds.ts'

/** What the readers use of the hot store. */
export interface HotReads {
  readonly shards: number
  readonly shardOf: (channelId: string) => number
  readonly userShardOf: (userId: string) => number
  /** The arrival of the earliest hot record, `undefined` when there is none. */
  readonly firstArrival: (shard: number) => Promise<number | undefined>
  /** Without a channel the page is empty. */
  readonly snapshot: (request: {
    readonly shard: number
    readonly channelId: string | undefined
    readonly maxEntries?: number
  }) => Promise<VersionedSnapshot>
  readonly usersView: () => Promise<UsersView>
  readonly readPage: (request: {
    readonly shard: number
    readonly channelId: string
    readonly afterId: string
    readonly maxEntries?: number
  }) => Promise<HotPage | 'retry'>
  readonly userChannels: (request: {
    readonly shard: number
    readonly userId: string
    readonly fromDayMs: number
    readonly toDayMs: number
  }) => Promise<string[]>
  readonly retention: {
    /** Channel id -> for how many days its records are kept; of channels that have a limit. */
    readonly all: () => Promise<ReadonlyMap<string, number>>
  }
  readonly optOuts: {
    /** The users and channels that may not be shown; the same object until that changes. */
    readonly view: () => Promise<OptOuts>
  }
}

/** What reading takes. `onEqualKeys` is told of records found twice, which in health never happens. */
export interface ReadDeps {
  readonly hot: HotReads
  readonly cold: ObjectStore
  readonly footers: FooterCache
  /** What is known of hot pages; one for the process. */
  readonly pageBounds: PageBoundsCache
  readonly limits: ReadLimits
  readonly onEqualKeys: (count: number) => void
}

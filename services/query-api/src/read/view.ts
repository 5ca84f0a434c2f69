import type { UsersView, VersionedSnapshot } from '@poglog/hot-store'
import type { HotReads, ReadDeps } from './deps.ts'
import { joinErased, keptFrom, withOptOuts } from './hidden.ts'
import type { Hidden } from './hidden.ts'
import { MovedError } from './start-over.ts'

/** Shards as of one instant of the folds: what is in a fold, in a run, uncovered and hot, each record in one of them. */
export interface View {
  readonly users: UsersView
  /** By shard; `erased` of each is that of `hidden`. */
  readonly snapshots: ReadonlyMap<number, VersionedSnapshot>
  readonly hidden: Hidden
}

/** A shard to look at, and a channel of it whose first hot page is wanted. */
export interface ViewPart {
  readonly shard: number
  readonly channelId?: string | undefined
  readonly maxEntries?: number
}

/** A channel's shard, with its first hot page. */
export function partOf(
  channelId: string,
  { hot, limits }: Pick<ReadDeps, 'hot' | 'limits'>,
): ViewPart & { readonly channelId: string } {
  return { shard: hot.shardOf(channelId), channelId, maxEntries: limits.firstPageEntries }
}

/**
 * Takes snapshots of shards between two looks at the folds: a run that a fold has absorbed may be taken out of its
 * shard's manifest at any time, and is then found in the fold, or still in the manifest and marked.
 *
 * @throws {MovedError} when the folds changed meanwhile.
 */
export async function takeView(parts: readonly ViewPart[], hot: HotReads): Promise<View> {
  const limits = Promise.all([hot.retention.all(), hot.optOuts.view()])
  // It is awaited below; when something else fails first, nobody does.
  limits.catch(() => undefined)
  const before = await hot.usersView()
  const snapshots = await Promise.all(
    parts.map(async ({ shard, channelId, maxEntries = 1 }) => ({
      shard,
      snapshot: await hot.snapshot({ shard, channelId, maxEntries }),
    })),
  )
  const users = await hot.usersView()
  if (users.version !== before.version) {
    throw new MovedError('the folds changed while the shards were looked at')
  }
  const [retained, optOuts] = await limits
  const lists = snapshots.map(({ snapshot }) => snapshot.erased)
  const erased = joinErased(withOptOuts(users.erased, optOuts), lists)
  const nowMs = Math.max(...snapshots.map(({ snapshot }) => snapshot.state.nowMs))
  return {
    users,
    snapshots: new Map(snapshots.map(({ shard, snapshot }) => [shard, { ...snapshot, erased }])),
    hidden: { erased, keptFromMs: keptFrom(retained, optOuts, nowMs) },
  }
}

/** A channel's snapshot, and what is hidden in it; `erased` of both says who is opted out, too. */
export async function takeChannelView(
  part: ViewPart & { readonly channelId: string },
  hot: HotReads,
): Promise<{ readonly snapshot: VersionedSnapshot; readonly hidden: Hidden }> {
  const { shard, channelId, maxEntries = 1 } = part
  const [retained, optOuts, snapshot] = await Promise.all([
    hot.retention.all(),
    hot.optOuts.view(),
    hot.snapshot({ shard, channelId, maxEntries }),
  ])
  const erased = withOptOuts(snapshot.erased, optOuts)
  const keptFromMs = keptFrom(retained, optOuts, snapshot.state.nowMs)
  return { snapshot: { ...snapshot, erased }, hidden: { erased, keptFromMs } }
}

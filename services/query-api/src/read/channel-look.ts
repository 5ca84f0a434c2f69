import type { SegmentEntry, Snapshot } from '@poglog/hot-store'
import type { ReadDeps } from './deps.ts'
import { withoutHidden } from './hidden.ts'
import type { ChannelQuery } from './log-query.ts'
import { isUncovered, neededSegments, userSegments } from './segment-runs.ts'
import { partOf, takeChannelView, takeView } from './view.ts'

/** What one view of a channel has for a query: the segments that can hold some of it, and from where on it is hot. */
export interface ChannelLook {
  /** The query without what is hidden from it. */
  readonly shown: ChannelQuery
  /** With the channel's first hot page. */
  readonly snapshot: Snapshot
  /** Each record of the query that is cold is in one of them. */
  readonly segments: readonly SegmentEntry[]
}

/**
 * Looks where a channel's records are. Those of a user are in the by-user segments, and in those of the channel that
 * they do not cover; the channel's own are named where they are fewer.
 *
 * @throws {MovedError} when the folds changed meanwhile.
 */
export async function lookAtChannel(query: ChannelQuery, deps: ReadDeps): Promise<ChannelLook> {
  const { hot } = deps
  const { channelId, userId, signal } = query
  signal?.throwIfAborted()
  const part = partOf(channelId, deps)
  // By-user segments have no records of nobody.
  if (userId === undefined || userId === '') {
    const { snapshot, hidden } = await takeChannelView(part, hot)
    const shown = withoutHidden(query, hidden)
    return { shown, snapshot, segments: neededSegments(shown, snapshot.segments) }
  }
  const view = await takeView([part], hot)
  const snapshot = view.snapshots.get(part.shard)
  if (snapshot === undefined) throw new Error(`a view has no shard ${part.shard}`)
  const shown = { ...withoutHidden(query, view.hidden), userId }
  const byChannel = neededSegments(shown, snapshot.segments)
  const byUser = userSegments(shown, view, hot.userShardOf(userId))
  const uncovered = byChannel.filter((segment) => isUncovered(segment))
  const isFewer = byUser.length + uncovered.length <= byChannel.length
  return { shown, snapshot, segments: isFewer ? [...byUser, ...uncovered] : byChannel }
}

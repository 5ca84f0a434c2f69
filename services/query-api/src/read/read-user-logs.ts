import type { SegmentEntry, Snapshot } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import { SEGMENT_CHANNELS_MAX } from '../limits.ts'
import type { ReadDeps } from './deps.ts'
import { withoutHidden } from './hidden.ts'
import { hotChannelRun } from './hot-channel-run.ts'
import type { LogFilter } from './log-query.ts'
import { mergeRuns } from './merge-runs.ts'
import { readLogs } from './read-logs.ts'
import type { Run } from './run.ts'
import { isCovered, neededSegments, segmentRun, userSegments } from './segment-runs.ts'
import { readStartingOver } from './start-over.ts'
import { isActiveIn, userChannels } from './user-channels.ts'
import type { UserChannel } from './user-channels.ts'
import { takeView } from './view.ts'
import type { View } from './view.ts'

/** The records of one user, in one channel or in all of them. */
export interface UserQuery extends LogFilter {
  readonly userId: string
  readonly channelId?: string | undefined
}

/**
 * Yields a user's records over all channels, in order and each once.
 *
 * Compacted days come from by-user segments, a closed month from one. What those do not cover yet, and what is hot,
 * is looked for in the channels of the sets that the append script keeps, which claim too much at times and never
 * too little. None of it is in one order, and a user can have been in thousands of channels, so all is read in
 * rounds, some sources at a time; a user's usual month is one round.
 *
 * Fails as {@link readLogs} does.
 */
export async function* readUserLogs(
  query: UserQuery,
  deps: ReadDeps,
): AsyncGenerator<LogRecord[], void, undefined> {
  const { channelId } = query
  if (channelId !== undefined) yield* readLogs({ ...query, channelId }, deps)
  else yield* readStartingOver(query, (rest) => readView(rest, deps))
}

/** One reading of one view. */
async function* readView(
  query: UserQuery,
  deps: ReadDeps,
): AsyncGenerator<LogRecord[], void, undefined> {
  const { hot } = deps
  query.signal?.throwIfAborted()
  const shards = Array.from({ length: hot.shards }, (_, shard) => ({ shard }))
  const view = await takeView(shards, hot)
  const shown = withoutHidden({ ...query, channelId: undefined }, view.hidden)
  const channels = await userChannels(shown, view.snapshots, hot)
  const folded = userSegments(shown, view, hot.userShardOf(query.userId))
  const runs = [
    ...folded.map((segment) => segmentRun(segment, shown, deps)),
    ...uncoveredRuns(channels, shown, { view, deps }),
    ...hotChannelRuns(channels, shown, { view, deps }),
  ]
  yield* mergeRuns(runs, shown, deps)
}

interface Where {
  readonly view: View
  readonly deps: ReadDeps
}

/** The segments that no by-user segment covers, of the channels and days in which the user was. */
function uncoveredRuns(
  channels: readonly UserChannel[],
  query: UserQuery,
  { view, deps }: Where,
): Run[] {
  const runs: Run[] = []
  const byShard = Map.groupBy(channels, ({ shard }) => shard)
  for (const [shard, ofShard] of byShard) {
    for (const segment of uncoveredOf(view.snapshots.get(shard), query)) {
      const active = ofShard.filter(({ days }) => isActiveIn(segment, days))
      if (active.length > SEGMENT_CHANNELS_MAX) {
        runs.push(segmentRun(segment, query, deps))
        continue
      }
      for (const { channelId } of active) {
        const inChannel = withoutHidden({ ...query, channelId }, view.hidden)
        runs.push(segmentRun(segment, inChannel, deps))
      }
    }
  }
  return runs
}

function uncoveredOf(snapshot: Snapshot | undefined, query: UserQuery): SegmentEntry[] {
  const needed = neededSegments(query, snapshot?.segments ?? [])
  return needed.filter((segment) => !isCovered(segment))
}

function hotChannelRuns(
  channels: readonly UserChannel[],
  query: UserQuery,
  { view, deps }: Where,
): Run[] {
  const runs: Run[] = []
  for (const { channelId, shard, isHot } of channels) {
    const snapshot = view.snapshots.get(shard)
    if (!isHot || snapshot === undefined) continue
    const inChannel = { ...withoutHidden({ ...query, channelId }, view.hidden), channelId }
    runs.push(hotChannelRun(inChannel, snapshot, deps))
  }
  return runs
}

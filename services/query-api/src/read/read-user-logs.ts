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
import { isUncovered, neededSegments, segmentRun, userSegments } from './segment-runs.ts'
import { readStartingOver } from './start-over.ts'
import { isActiveIn, userChannels } from './user-channels.ts'
import type { UserChannel } from './user-channels.ts'
import { takeView } from './view.ts'
import type { View } from './view.ts'
import { withoutKnown } from './without-known.ts'

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
  const { shown, where, channels } = await lookAt(query, deps)
  const hot = channels.flatMap((channel) => hotRunOf(channel, shown, where))
  yield* mergeRuns([...coldRuns(channels, shown, where), ...hot], shown, deps)
}

/** A user's records over all channels as one view has them, each in one place. */
export interface UserPlaces {
  /** The query without what is hidden from it. */
  readonly shown: UserQuery
  /** By-user segments. */
  readonly segments: readonly SegmentEntry[]
  /** What those do not hold, in no order. */
  readonly rest: readonly Run[]
}

/**
 * Finds where everything is that a user has over all channels. Hot records are looked up in the segments, as a replay
 * may have brought them back.
 *
 * Finding and opening fail as {@link readLogs} does, and with {MovedError} and {SegmentError} `missing` when what was
 * looked at has moved: begin anew.
 */
export async function userPlaces(query: UserQuery, deps: ReadDeps): Promise<UserPlaces> {
  const { shown, where, channels } = await lookAt(query, deps)
  const { snapshots } = where.view
  const hot = channels.flatMap((channel) => {
    const segments = snapshots.get(channel.shard)?.segments ?? []
    const runs = hotRunOf(channel, shown, where)
    return runs.map((run) => withoutKnown(run, segments, { ...deps, signal: query.signal }))
  })
  const rest = [...uncoveredRuns(channels, shown, where), ...hot]
  return { shown, segments: foldedSegments(shown, where), rest }
}

/** The same as sources that are read once, in no order: what a count needs. Fails as {@link userPlaces} does. */
export async function userSources(
  query: UserQuery,
  deps: ReadDeps,
): Promise<AsyncIterable<LogRecord[]>[]> {
  const { shown, segments, rest } = await userPlaces(query, deps)
  const cold = segments.map((segment) => segmentRun(segment, shown, deps))
  return [...cold, ...rest].map((run) => run.open(undefined))
}

interface Where {
  readonly view: View
  readonly deps: ReadDeps
}

/** A view, and in which channels the user may have what by-user segments do not cover. */
async function lookAt(
  query: UserQuery,
  deps: ReadDeps,
): Promise<{ shown: UserQuery; where: Where; channels: UserChannel[] }> {
  const { hot } = deps
  query.signal?.throwIfAborted()
  const shards = Array.from({ length: hot.shards }, (_, shard) => ({ shard }))
  const view = await takeView(shards, hot)
  const shown = withoutHidden({ ...query, channelId: undefined }, view.hidden)
  const channels = await userChannels(shown, view.snapshots, hot)
  return { shown, where: { view, deps }, channels }
}

function coldRuns(channels: readonly UserChannel[], query: UserQuery, where: Where): Run[] {
  const folded = foldedSegments(query, where)
  return [
    ...folded.map((segment) => segmentRun(segment, query, where.deps)),
    ...uncoveredRuns(channels, query, where),
  ]
}

function foldedSegments(query: UserQuery, { view, deps }: Where): SegmentEntry[] {
  return userSegments(query, view, deps.hot.userShardOf(query.userId))
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
  return needed.filter((segment) => isUncovered(segment))
}

/** What is hot of a channel; nothing where the user cannot have anything hot there. */
function hotRunOf(
  { channelId, shard, isHot }: UserChannel,
  query: UserQuery,
  { view, deps }: Where,
): Run[] {
  const snapshot = view.snapshots.get(shard)
  if (!isHot || snapshot === undefined) return []
  const inChannel = { ...withoutHidden({ ...query, channelId }, view.hidden), channelId }
  return [hotChannelRun(inChannel, snapshot, deps)]
}

import { createHash } from 'node:crypto'
import type { OptOuts, VersionedSnapshot } from '@poglog/hot-store'
import type { ReadDeps } from './deps.ts'
import { withoutHidden } from './hidden.ts'
import type { Hidden } from './hidden.ts'
import { hotRuns } from './hot-runs.ts'
import type { ChannelQuery, LogFilter } from './log-query.ts'
import { MovedError } from './start-over.ts'
import { userChannels } from './user-channels.ts'
import { partOf, takeChannelView, takeView } from './view.ts'
import type { View } from './view.ts'

/** Channels whose hot records are looked through for the standing of a user; with more of them it is not told. */
const HOT_CHANNELS_MAX = 8

/**
 * Of a range that is closed: nothing of it is hot, and an answer about it changes only with `version`, which never
 * comes again. It is closed for `lastsMs` at least: until a channel's retention cuts into it.
 */
export interface Standing {
  readonly version: string
  readonly lastsMs: number
}

/** Whose records, of which range. */
export interface StandingQuery extends LogFilter {
  readonly channelId?: string | undefined
}

/**
 * Tells whether a range is closed, without reading a segment. What is asked of the log afterwards may be newer than the
 * version, and is then found to have changed by the next one who compares.
 *
 * @returns `undefined` for an open range: one that is not sealed to its end, in which something is hot (live, late or
 *   replayed), or into which a retention cuts.
 */
export async function standingOf(
  query: StandingQuery,
  deps: ReadDeps,
): Promise<Standing | undefined> {
  const range = cutToCursor(query)
  if (range.toMs === Number.MAX_SAFE_INTEGER) return undefined
  const optOuts = await deps.hot.optOuts.view()
  const { channelId, userId } = range
  try {
    if (channelId === undefined) {
      return userId === undefined ? undefined : await ofUser({ ...range, userId }, optOuts, deps)
    }
    const ofOne = { ...range, channelId }
    return userId === undefined
      ? await ofChannel(ofOne, optOuts, deps)
      : await ofUserInChannel(ofOne, optOuts, deps)
  } catch (error) {
    // The log moves this very moment; the reading copes with that.
    if (error instanceof MovedError) return undefined
    throw error
  }
}

async function ofChannel(
  query: ChannelQuery,
  optOuts: OptOuts,
  deps: ReadDeps,
): Promise<Standing | undefined> {
  const { snapshot, hidden } = await takeChannelView(partOf(query.channelId, deps), deps.hot)
  if (await isOpen(query, { snapshot, hidden }, deps)) return undefined
  return standing(query, { hidden, optOuts }, [snapshot.version])
}

async function ofUserInChannel(
  query: ChannelQuery,
  optOuts: OptOuts,
  deps: ReadDeps,
): Promise<Standing | undefined> {
  const part = partOf(query.channelId, deps)
  const { users, snapshots, hidden } = await takeView([part], deps.hot)
  const snapshot = snapshots.get(part.shard)
  if (snapshot === undefined || (await isOpen(query, { snapshot, hidden }, deps))) return undefined
  return standing(query, { hidden, optOuts }, [users.version, snapshot.version])
}

async function ofUser(
  query: LogFilter & { readonly userId: string },
  optOuts: OptOuts,
  deps: ReadDeps,
): Promise<Standing | undefined> {
  const shards = Array.from({ length: deps.hot.shards }, (_, shard) => ({ shard }))
  const view = await takeView(shards, deps.hot)
  const { users, snapshots, hidden } = view
  const sealed = [...snapshots.values()].map(({ state }) => state.boundaryMs)
  if (query.toMs > Math.max(...sealed)) return undefined
  if (await hasHot(query, view, deps)) return undefined
  const versions = [...snapshots.values()].map(({ version }) => version)
  return standing(query, { hidden, optOuts }, [users.version, ...versions])
}

/** Whether the user may have something hot in the range; yes also where that is too much to find out. */
async function hasHot(
  query: LogFilter & { readonly userId: string },
  { snapshots, hidden }: View,
  deps: ReadDeps,
): Promise<boolean> {
  const channels = await userChannels(query, snapshots, deps.hot)
  const hotChannels = channels.filter(({ isHot }) => isHot)
  if (hotChannels.length > HOT_CHANNELS_MAX) return true
  const found = await Promise.all(
    hotChannels.map(async ({ channelId, shard }) => {
      const maxEntries = deps.limits.firstPageEntries
      const snapshot = await deps.hot.snapshot({ shard, channelId, maxEntries })
      return await isOpen({ ...query, channelId }, { snapshot, hidden }, deps)
    }),
  )
  return found.includes(true)
}

/** Whether records of a channel's range may be hot, or come. */
async function isOpen(
  query: ChannelQuery,
  { snapshot, hidden }: { readonly snapshot: VersionedSnapshot; readonly hidden: Hidden },
  deps: ReadDeps,
): Promise<boolean> {
  if (query.toMs > snapshot.state.boundaryMs) return true
  const shown = withoutHidden(query, hidden)
  return (await hotRuns(shown, snapshot, deps)).length > 0
}

/** @returns `undefined` where a retention reaches into the range: its answer changes with the clock. */
function standing(
  { fromMs, channelId }: StandingQuery,
  { hidden, optOuts }: { readonly hidden: Hidden; readonly optOuts: OptOuts },
  versions: readonly string[],
): Standing | undefined {
  let lastsMs = Number.POSITIVE_INFINITY
  for (const [id, keptFromMs] of hidden.keptFromMs) {
    // Of who has opted out nothing is shown, at any time.
    if ((channelId !== undefined && id !== channelId) || optOuts.channels.has(id)) continue
    if (keptFromMs > fromMs) return undefined
    lastsMs = Math.min(lastsMs, fromMs - keptFromMs)
  }
  return { version: [...versions, versionOf(optOuts)].join(' '), lastsMs }
}

/** The range as the cursor leaves it: newest first, a page far back is closed without a `to`. */
function cutToCursor(query: StandingQuery): StandingQuery {
  const { after, order, fromMs, toMs } = query
  if (after === undefined) return query
  return order === 'asc'
    ? { ...query, fromMs: Math.max(fromMs, after.sentAtMs) }
    : { ...query, toMs: Math.min(toMs, after.sentAtMs + 1) }
}

const optOutVersions = new WeakMap<OptOuts, string>()

/** The same in every process. The store gives the same object until it changes, so this is kept. */
function versionOf(optOuts: OptOuts): string {
  const known = optOutVersions.get(optOuts)
  if (known !== undefined) return known
  const hash = createHash('sha256')
  for (const ids of [optOuts.users, optOuts.channels]) {
    hash.update(`${[...ids].toSorted().join()}\n`)
  }
  const version = hash.digest('base64url').slice(0, 22)
  optOutVersions.set(optOuts, version)
  return version
}

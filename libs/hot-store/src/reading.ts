import type { Command, Connection } from './connection.ts'
import { arrivalOf, checkedPageSize, decodePage } from './entries.ts'
import { decodeErased } from './erasing.ts'
import { HotStoreError } from './errors.ts'
import { checkedTimeMs, erasedKey, segmentsKey, stateKey, streamKey, userKey } from './keys.ts'
import { decodeManifest } from './manifest.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { loadScript } from './script.ts'
import { decodeState, STATE_FIELDS } from './state.ts'
import type {
  Erased,
  HotEntry,
  HotPage,
  SegmentEntry,
  ShardState,
  VersionedSnapshot,
} from './types.ts'

/** Most days of {@link userChannels}: ten years. */
const USER_DAYS_MAX = 3660

const DAY_MS = 86_400_000
const UNION_KEYS_MAX = 400
const STATE = loadScript('state')
const SNAPSHOT = loadScript('snapshot')

/** The manifests a process has seen, one a shard; the version says whether it is current. */
export type ManifestCache = Map<number, CachedManifest>

interface CachedManifest {
  readonly version: string
  readonly boundaryMs: number
  readonly segments: readonly SegmentEntry[]
  /** Which {@link erased} these are. */
  readonly erasures: string
  readonly erased: Erased
}

/** What to see at one instant. A page has 1,000 entries unless told otherwise, 10,000 at most. */
export interface SnapshotQuery {
  readonly shard: number
  /** `undefined`: no page, only state and manifest. */
  readonly channelId: string | undefined
  readonly maxEntries?: number | undefined
}

/** A further page of a channel. */
export interface PageQuery {
  readonly shard: number
  readonly channelId: string
  /** The page starts after this stream id. */
  readonly afterId: string
  readonly maxEntries?: number | undefined
}

/** A channel's entries by arrival, in ms since the Unix epoch. */
export interface RangeQuery {
  readonly shard: number
  readonly channelId: string
  /** Arrival, inclusive. */
  readonly fromMs: number
  /** Arrival, exclusive. */
  readonly toMs: number
  readonly maxEntries?: number | undefined
}

/** A user's days of arrival, UTC, both inclusive; any time of the day stands for it. At most ten years. */
export interface UserQuery {
  readonly shard: number
  readonly userId: string
  readonly fromDayMs: number
  readonly toDayMs: number
}

export async function readState(shard: number, connection: Connection): Promise<ShardState> {
  const reply = await connection.run({ script: STATE, keys: [stateKey(shard)], args: [] })
  return decodeState(shard, toArray(reply)).state
}

export async function readSnapshot(
  query: SnapshotQuery,
  connection: Connection,
  cache: ManifestCache,
): Promise<VersionedSnapshot> {
  const cached = cache.get(query.shard)
  const quick = cached === undefined ? undefined : await quickSnapshot(query, connection, cached)
  return quick ?? (await fullSnapshot(query, connection, cache))
}

/** Plain commands at one instant, for a manifest that has not changed; `undefined` when it has. */
async function quickSnapshot(
  { shard, channelId, maxEntries }: SnapshotQuery,
  connection: Connection,
  { version, boundaryMs, segments, erased }: CachedManifest,
): Promise<VersionedSnapshot | undefined> {
  const size = checkedPageSize(maxEntries)
  const commands: Command[] = [['hmget', stateKey(shard), ...STATE_FIELDS], ['time']]
  if (channelId !== undefined) {
    commands.push(['xrange', streamKey(shard, channelId), boundaryMs, '+', 'COUNT', size])
  }
  const [fields, time, entries = []] = await connection.commands(commands, { atomic: true })
  const now = decodeState(shard, [...toArray(fields), ...toArray(time)])
  // The boundary moves only together with the version.
  if (now.version !== version || now.state.boundaryMs !== boundaryMs) return undefined
  return {
    state: now.state,
    version,
    segments,
    erased,
    page: decodePage(entries, channelId ?? '', size),
  }
}

async function fullSnapshot(
  { shard, channelId, maxEntries }: SnapshotQuery,
  connection: Connection,
  cache: ManifestCache,
): Promise<VersionedSnapshot> {
  const size = checkedPageSize(maxEntries)
  const cached = cache.get(shard)
  const keys = [stateKey(shard), segmentsKey(shard), erasedKey(shard)]
  if (channelId !== undefined) keys.push(streamKey(shard, channelId))
  const args = [cached?.version ?? '', size, cached?.erasures ?? '']
  const reply = await connection.run({ script: SNAPSHOT, keys, args })
  const [stateReply, manifestReply, entries, erasuresReply, erasedReply] = toArray(reply)
  const { state, version } = decodeState(shard, toArray(stateReply))

  let segments = cached?.segments
  if (manifestReply !== null || segments === undefined) {
    segments = decodeManifest(toArray(manifestReply))
  }
  let erased = cached?.erased
  if (erasedReply !== null || erased === undefined) erased = decodeErased(erasedReply)
  const erasures = toText(erasuresReply)
  cache.set(shard, { version, boundaryMs: state.boundaryMs, segments, erasures, erased })
  return { state, version, segments, erased, page: decodePage(entries, channelId ?? '', size) }
}

/**
 * The page first, then `trimmed`, on one connection: a trim says what it will take before it takes anything, so entries
 * that were missing from the page are announced by then.
 */
export async function readPage(
  { shard, channelId, afterId, maxEntries }: PageQuery,
  connection: Connection,
): Promise<HotPage | 'retry'> {
  const size = checkedPageSize(maxEntries)
  const afterMs = arrivalOf(afterId)
  const commands: Command[] = [
    ['xrange', streamKey(shard, channelId), `(${afterId}`, '+', 'COUNT', size],
    ['hget', stateKey(shard), 'trimmed'],
  ]
  const [entries, trimmed] = await connection.commands(commands, { atomic: false })
  return toInteger(trimmed, 0) > afterMs ? 'retry' : decodePage(entries, channelId, size)
}

export async function* readRange(
  query: RangeQuery,
  connection: Connection,
): AsyncGenerator<HotEntry[]> {
  const size = checkedPageSize(query.maxEntries)
  const key = streamKey(query.shard, query.channelId)
  if (checkedTimeMs(query.toMs) <= checkedTimeMs(query.fromMs)) return
  let from = String(query.fromMs)
  for (;;) {
    // An end without a sequence number means the last of its millisecond, hence the one before `toMs`.
    const reply = await connection.command('xrange', key, from, query.toMs - 1, 'COUNT', size)
    const { entries, nextId } = decodePage(reply, query.channelId, size)
    if (entries.length > 0) yield [...entries]
    if (nextId === undefined) return
    from = `(${nextId}`
  }
}

export async function userChannels(query: UserQuery, connection: Connection): Promise<string[]> {
  const first = Math.floor(checkedTimeMs(query.fromDayMs) / DAY_MS)
  const last = Math.floor(checkedTimeMs(query.toDayMs) / DAY_MS)
  if (last - first >= USER_DAYS_MAX)
    throw new HotStoreError('invalid', `more than ${USER_DAYS_MAX} days`)
  const keys: string[] = []
  for (let day = first; day <= last; day += 1)
    keys.push(userKey(query.shard, query.userId, day * DAY_MS))
  const channels = new Set<string>()
  for (let from = 0; from < keys.length; from += UNION_KEYS_MAX) {
    const reply = await connection.command('sunion', ...keys.slice(from, from + UNION_KEYS_MAX))
    for (const channel of toArray(reply)) channels.add(toText(channel))
  }
  return [...channels]
}

import type { HotStore, Name } from '@poglog/hot-store'
import { readSegment, spokenText } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { FoundSegment } from './choose-segments.ts'
import type { ArchiveDeps } from '../deps.ts'

const DAY_MS = 86_400_000
/** Names and pairs held before they are told to Redis. */
const HELD_MAX = 50_000
const EVERYTHING = {
  fromMs: Number.MIN_SAFE_INTEGER,
  toMs: Number.MAX_SAFE_INTEGER,
  order: 'asc',
} as const

interface RelearnDeps extends Pick<ArchiveDeps, 'cold' | 'signal'> {
  readonly hot: Pick<HotStore, 'indexUsers' | 'names'>
}

type OnRecords = (records: number, total: number) => void

/**
 * Learns from uncovered by-channel segments who wrote where: readers find the uncovered records of a user by that.
 *
 * @throws {SegmentError}, {ObjectStoreError} or {HotStoreError}; a part may be learnt, which does no harm.
 */
export async function relearnUsers(
  uncovered: readonly FoundSegment[],
  deps: RelearnDeps,
  onProgress: OnRecords,
): Promise<void> {
  await forEachBatch(uncovered, { deps, onProgress }, ({ identity }) => {
    const pairs = new Map<string, readonly [string, string]>()
    const dayMs = Math.floor(identity.arrivalFromMs / DAY_MS) * DAY_MS
    return {
      held: pairs,
      note({ userId, channelId }) {
        if (userId !== '') pairs.set(`${userId} ${channelId}`, [userId, channelId])
      },
      async tell() {
        if (pairs.size > 0) await deps.hot.indexUsers(identity.shard, dayMs, [...pairs.values()])
      },
    }
  })
}

/**
 * Learns from by-channel segments which login belongs to which id.
 *
 * @throws {SegmentError}, {ObjectStoreError} or {HotStoreError}; a part may be learnt, which does no harm.
 */
export async function relearnNames(
  segments: readonly FoundSegment[],
  deps: RelearnDeps,
  onProgress: OnRecords,
): Promise<void> {
  await forEachBatch(segments, { deps, onProgress }, () => {
    const names = new Map<string, Name>()
    return {
      held: names,
      note(record) {
        noteNames(record, names)
      },
      async tell() {
        await deps.hot.names.learn([...names.values()])
      },
    }
  })
}

/** What is learnt of a segment, until it is told to Redis. */
interface Learnt {
  readonly held: Map<string, unknown>
  readonly note: (record: LogRecord) => void
  readonly tell: () => Promise<void>
}

async function forEachBatch(
  segments: readonly FoundSegment[],
  { deps, onProgress }: { readonly deps: RelearnDeps; readonly onProgress: OnRecords },
  learn: (segment: FoundSegment) => Learnt,
): Promise<void> {
  const { cold, signal } = deps
  const total = segments.reduce((sum, { summary }) => sum + summary.records, 0)
  let done = 0
  for (const segment of segments) {
    const { held, note: noteRecord, tell } = learn(segment)
    const source = { store: cold, key: segment.key, sizeBytes: segment.summary.sizeBytes }
    for await (const batch of readSegment(source, { ...EVERYTHING, signal })) {
      for (const record of batch) noteRecord(record)
      done += batch.length
      onProgress(done, total)
      if (held.size < HELD_MAX) continue
      await tell()
      held.clear()
    }
    await tell()
  }
}

/** The latest login of the channel, and of whoever wrote: a ban is its target's record and not written by them. */
function noteNames(record: LogRecord, names: Map<string, Name>): void {
  const { channelId, channelLogin, userId, sentAtMs, type } = record
  note({ id: channelId, login: channelLogin, seenAtMs: sentAtMs }, names)
  if (type !== 'PRIVMSG' && type !== 'USERNOTICE') return
  note({ id: userId, login: spokenText(record).login, seenAtMs: sentAtMs }, names)
}

/** Every login of an id: whoever was renamed is still found by the old one, as long as nobody else took it. */
function note(name: Name, names: Map<string, Name>): void {
  const pair = `${name.id} ${name.login}`
  const known = names.get(pair)
  if (known === undefined || known.seenAtMs < name.seenAtMs) names.set(pair, name)
}

import type { HotStore, Name } from '@poglog/hot-store'
import { readSegment, spokenText } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ChosenSegment } from './choose-segments.ts'
import type { ArchiveDeps } from './deps.ts'

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

/**
 * Learns from all by-channel segments which login belongs to which id, and from uncovered ones who wrote where: readers
 * find the uncovered records of a user by that.
 *
 * @throws {SegmentError}, {ObjectStoreError} or {HotStoreError}; a part may be learnt, which does no harm.
 */
export async function relearn(
  {
    chosen,
    uncovered,
  }: { readonly chosen: readonly ChosenSegment[]; readonly uncovered: readonly ChosenSegment[] },
  { cold, hot, signal }: RelearnDeps,
  onProgress: (records: number, total: number) => void,
): Promise<void> {
  const segments = chosen
    .map(({ segment }) => segment)
    .filter(({ identity }) => identity.projection === 'by-channel')
  const isUncovered = new Set(uncovered.map(({ segment }) => segment))
  const total = segments.reduce((sum, { summary }) => sum + summary.records, 0)
  let done = 0
  for (const segment of segments) {
    const { key, identity, summary } = segment
    const names = new Map<string, Name>()
    const pairs = new Map<string, readonly [string, string]>()
    const dayMs = Math.floor(identity.arrivalFromMs / DAY_MS) * DAY_MS
    const tell = async (): Promise<void> => {
      await hot.names.learn([...names.values()])
      if (pairs.size > 0) await hot.indexUsers(identity.shard, dayMs, [...pairs.values()])
      names.clear()
      pairs.clear()
    }
    const source = { store: cold, key, sizeBytes: summary.sizeBytes }
    for await (const batch of readSegment(source, { ...EVERYTHING, signal })) {
      for (const record of batch) {
        noteNames(record, names)
        const { userId, channelId } = record
        if (userId !== '' && isUncovered.has(segment)) {
          pairs.set(`${userId} ${channelId}`, [userId, channelId])
        }
      }
      done += batch.length
      onProgress(done, total)
      if (names.size + pairs.size >= HELD_MAX) await tell()
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

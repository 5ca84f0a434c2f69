import type { Position, RecordType } from '@poglog/log-format'
import { RECEIVED_APART_MS_MAX, RECENT_MESSAGES_MAX } from '../limits.ts'
import type { ReadDeps } from '../read/deps.ts'
import type { ChannelQuery } from '../read/log-query.ts'
import { readLogs } from '../read/read-logs.ts'
import { compareReceived, receivedMsOf } from './received.ts'
import type { Received } from './received.ts'

/** All that Twitch sends; PRESENCE and GAP are our own. */
const TYPES: ReadonlySet<RecordType> = new Set([
  'PRIVMSG',
  'USERNOTICE',
  'CLEARCHAT',
  'CLEARMSG',
  'NOTICE',
  'ROOMSTATE',
])

/** Which records of a channel. Times are receive times, both exclusive, milliseconds since the Unix epoch. */
export interface RecentQuery {
  readonly channelId: string
  readonly limit: number
  readonly beforeMs?: number | undefined
  readonly afterMs?: number | undefined
  readonly signal: AbortSignal
}

/**
 * The newest records of a channel by receive time, oldest first.
 *
 * The log is read backwards by sent time, which differs from the receive time by at most
 * {@link RECEIVED_APART_MS_MAX}: what was sent longer than that before the oldest one found was received before it, too.
 * Fails as {@link readLogs} does.
 */
export async function readRecent(query: RecentQuery, deps: ReadDeps): Promise<Received[]> {
  const { channelId, limit, signal } = query
  if (limit === 0) return []
  const newest = new Newest(query)
  let after: Position | undefined
  const read = async (what: ReadPart): Promise<number> => {
    const toMs = saturated(query.beforeMs, RECEIVED_APART_MS_MAX) ?? Number.MAX_SAFE_INTEGER
    const range = { channelId, types: TYPES, order: 'desc', toMs } as const
    let records = 0
    for await (const batch of readLogs({ ...range, ...what, after, signal }, deps)) {
      for (const record of batch) newest.add({ record, receivedMs: receivedMsOf(record) })
      records += batch.length
      after = batch.at(-1) ?? after
    }
    return records
  }
  const fromMs = saturated(query.afterMs, -RECEIVED_APART_MS_MAX) ?? Number.MIN_SAFE_INTEGER
  while (newest.oldestMs === undefined) {
    const part = Math.max(limit, RECENT_MESSAGES_MAX >> 3)
    if ((await read({ fromMs, limit: part })) < part) return newest.take()
  }
  const { oldestMs } = newest
  await read({ fromMs: Math.max(fromMs, oldestMs - RECEIVED_APART_MS_MAX), seenFromMs: oldestMs })
  return newest.take()
}

type ReadPart = Pick<ChannelQuery, 'fromMs' | 'seenFromMs' | 'limit'>

/** Keeps the newest `limit` of any number of records that were received within the query's times. */
class Newest {
  readonly #query: RecentQuery
  #kept: Received[] = []
  #oldestMs: number | undefined

  constructor(query: RecentQuery) {
    this.#query = query
  }

  /** When the oldest one kept was received, as far as is known; `undefined` before there are `limit` of them. */
  get oldestMs(): number | undefined {
    return this.#oldestMs
  }

  add(received: Received): void {
    const { beforeMs = Infinity, afterMs = -Infinity, limit } = this.#query
    const { receivedMs } = received
    if (receivedMs >= beforeMs || receivedMs <= afterMs) return
    this.#kept.push(received)
    if (this.#kept.length >= (this.#oldestMs === undefined ? limit : limit * 2)) this.#shrink()
  }

  take(): Received[] {
    this.#shrink()
    return this.#kept
  }

  #shrink(): void {
    const { limit } = this.#query
    this.#kept = this.#kept.toSorted(compareReceived).slice(-limit)
    if (this.#kept.length === limit) this.#oldestMs = this.#kept[0]?.receivedMs
  }
}

function saturated(timeMs: number | undefined, stepMs: number): number | undefined {
  if (timeMs === undefined) return undefined
  return Math.min(Math.max(timeMs + stepMs, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
}

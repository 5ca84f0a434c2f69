import type { Erased, OptOuts } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import { DAY_MS } from './periods.ts'

/** What no answer may show any more, though it may still lie in Redis or in a segment. */
export interface Hidden {
  /** User id -> sent time; the user's records of before it are erased. */
  readonly erased: Erased
  /** Channel id -> sent time; the channel's records of before it are kept no longer. */
  readonly keptFromMs: ReadonlyMap<string, number>
}

/** Before this time all is hidden of who is opted out: later than any sent time, and a whole hour, as word counts are kept. */
const OPTED_OUT_MS = 8_640_000_000_000_000

type Whose = Pick<LogRecord, 'channelId' | 'userId' | 'sentAtMs'>
export type IsVisible = (record: Whose) => boolean

/** What channels' retention says at an instant, from days; of an opted-out channel nothing is kept. */
export function keptFrom(
  retentionDays: ReadonlyMap<string, number>,
  { channels }: OptOuts,
  nowMs: number,
): ReadonlyMap<string, number> {
  const kept = new Map([...retentionDays].map(([id, days]) => [id, nowMs - days * DAY_MS]))
  for (const id of channels) kept.set(id, OPTED_OUT_MS)
  return kept
}

/** Lists of who is erased that opted-out users were added to, for as long as they are current. */
const joinedLists = new WeakMap<Erased, { readonly optOuts: OptOuts; readonly joined: Erased }>()

/** Who is erased, and who is opted out as if erased for ever. The store gives the same lists until they change, so this is kept. */
export function withOptOuts(erased: Erased, optOuts: OptOuts): Erased {
  const known = joinedLists.get(erased)
  if (known?.optOuts === optOuts) return known.joined
  const joined = new Map(erased)
  for (const id of optOuts.users) joined.set(id, OPTED_OUT_MS)
  joinedLists.set(erased, { optOuts, joined })
  return joined
}

/**
 * Who is erased by any of several lists: a request is written to one scope after the other, and hides at once. The first
 * list, which may be long, is only copied where another knows more.
 */
export function joinErased(first: Erased, others: readonly Erased[]): Erased {
  let joined: Map<string, number> | undefined
  for (const list of others) {
    for (const [userId, beforeMs] of list) {
      const known = (joined ?? first).get(userId)
      if (known !== undefined && known >= beforeMs) continue
      joined ??= new Map(first)
      joined.set(userId, beforeMs)
    }
  }
  return joined ?? first
}

/**
 * Takes out of a query what is hidden from it: its range is cut for its user and its channel, and `isVisible` is set
 * where single records have to be looked at.
 */
export function withoutHidden<
  Query extends {
    readonly fromMs: number
    readonly userId?: string | undefined
    readonly channelId?: string | undefined
  },
>(query: Query, { erased, keptFromMs }: Hidden): Query & { isVisible: IsVisible | undefined } {
  const { userId, channelId } = query
  const erasedMs = userId === undefined ? undefined : erased.get(userId)
  const keptMs = channelId === undefined ? undefined : keptFromMs.get(channelId)
  const fromMs = Math.max(query.fromMs, erasedMs ?? query.fromMs, keptMs ?? query.fromMs)
  const hasErased = userId === undefined && erased.size > 0
  const hasExpired = channelId === undefined && keptFromMs.size > 0
  const isVisible: IsVisible = (record) =>
    !(hasErased && record.sentAtMs < (erased.get(record.userId) ?? Number.NEGATIVE_INFINITY)) &&
    !(hasExpired && record.sentAtMs < (keptFromMs.get(record.channelId) ?? record.sentAtMs))
  return { ...query, fromMs, isVisible: hasErased || hasExpired ? isVisible : undefined }
}

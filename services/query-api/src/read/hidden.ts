import type { Erased } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import { DAY_MS } from './periods.ts'

/** What no answer may show any more, though it may still lie in Redis or in a segment. */
export interface Hidden {
  /** User id -> sent time; the user's records of before it are erased. */
  readonly erased: Erased
  /** Channel id -> sent time; the channel's records of before it are kept no longer. */
  readonly keptFromMs: ReadonlyMap<string, number>
}

type Whose = Pick<LogRecord, 'channelId' | 'userId' | 'sentAtMs'>
export type IsVisible = (record: Whose) => boolean

/** What channels' retention says at an instant, from days. */
export function keptFrom(
  retentionDays: ReadonlyMap<string, number>,
  nowMs: number,
): ReadonlyMap<string, number> {
  return new Map([...retentionDays].map(([id, days]) => [id, nowMs - days * DAY_MS]))
}

/** Who is erased by any of several lists: a request is written to one scope after the other, and hides at once. */
export function joinErased(lists: readonly Erased[]): Erased {
  const joined = new Map<string, number>()
  for (const list of lists) {
    for (const [userId, beforeMs] of list) {
      joined.set(userId, Math.max(beforeMs, joined.get(userId) ?? beforeMs))
    }
  }
  return joined
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

import type { RecordType } from '@poglog/log-format'
import type { ReadDeps } from '../read/deps.ts'
import type { LogFilter } from '../read/log-query.ts'
import type { OutletEvents } from './outlet.ts'
import type { LiveHub } from './hub.ts'
import type { Progress } from './progress.ts'
import type { Sink } from './sink.ts'

/** What listeners of a channel and of a user have in common. */
export interface ListenerOptions {
  readonly hub: LiveHub
  readonly read: ReadDeps
  readonly sink: Sink
  readonly events: OutletEvents
  readonly types: ReadonlySet<RecordType>
  /** Where the client has got to; it begins anew when absent. */
  readonly progress?: Progress | undefined
  /** Sent time from which on history comes first, for one that begins anew. */
  readonly fromMs?: number | undefined
}

/** The records of history that a listener still has to be given, in the order of the log. */
export function historyFilter(
  { arrivedMs, history }: Progress,
  { types, fromMs }: Pick<ListenerOptions, 'types' | 'fromMs'>,
  signal: AbortSignal,
): LogFilter {
  const toMs = history?.toMs ?? arrivedMs
  return {
    types,
    // One that comes back wants all that arrived since, whenever it was sent.
    fromMs: arrivedMs === 0 && fromMs !== undefined ? fromMs : Number.MIN_SAFE_INTEGER,
    toMs: Number.MAX_SAFE_INTEGER,
    order: 'asc',
    arrival: { fromMs: arrivedMs, toMs },
    after: history?.after,
    signal,
  }
}

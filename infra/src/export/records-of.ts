import type { LogRecord } from '@poglog/log-format'
import { readLogs, readUserLogs } from '@poglog/query-api'
import { listChannels } from './list-channels.ts'
import type { Reads } from './open-reads.ts'
import type { ExportQuery } from './options.ts'

/**
 * The records of a query, each once. Those of one channel, or of one user, come in the order of their sent times; those
 * of everybody channel by channel, in the order of a by-channel segment.
 *
 * @throws what the readers of the query API throw.
 */
export async function* recordsOf(
  query: ExportQuery & { readonly signal: AbortSignal },
  reads: Reads,
): AsyncGenerator<readonly LogRecord[]> {
  const { channelId, userId, fromMs, toMs, types, signal } = query
  const filter = { fromMs, toMs, types, order: 'asc', signal } as const
  if (userId !== undefined) yield* readUserLogs({ ...filter, userId, channelId }, reads)
  else if (channelId !== undefined) yield* readLogs({ ...filter, channelId }, reads)
  else {
    for (const id of await listChannels(filter, reads)) {
      yield* readLogs({ ...filter, channelId: id }, reads)
    }
  }
}

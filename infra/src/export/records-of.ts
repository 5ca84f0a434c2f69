import { readSegment, SegmentError } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { readLogs, readUserLogs } from '@poglog/query-api'
import type { Reads } from './open-reads.ts'
import type { ExportQuery } from './options.ts'

/** A segment that is compacted meanwhile is gone after ten minutes: then the listing begins again. */
const LISTINGS_MAX = 5

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
    for (const id of await channelsIn(filter, reads)) {
      yield* readLogs({ ...filter, channelId: id }, reads)
    }
  }
}

interface Range {
  readonly fromMs: number
  readonly toMs: number
  readonly signal: AbortSignal
}

/** Every channel that has a record in a range, or may have a hot one, in the order of a by-channel segment. */
async function channelsIn(range: Range, reads: Reads): Promise<string[]> {
  for (let listing = 1; ; listing += 1) {
    try {
      return await listChannels(range, reads)
    } catch (error) {
      const isGone = error instanceof SegmentError && error.kind === 'missing'
      if (!isGone || listing === LISTINGS_MAX) throw error
    }
  }
}

async function listChannels({ fromMs, toMs, signal }: Range, reads: Reads): Promise<string[]> {
  const { hot, cold: store, footers } = reads
  const channels = new Set<string>()
  for (let shard = 0; shard < hot.shards; shard += 1) {
    // Hot first: what is sealed in between is then in a segment of the manifest.
    for await (const channelId of hot.channels(shard)) channels.add(channelId)
    for (const { key, sizeBytes, projection, sentMinMs, sentMaxMs } of await hot.manifest(shard)) {
      if (projection !== 'by-channel' || sentMaxMs < fromMs || sentMinMs >= toMs) continue
      const query = { fromMs, toMs, order: 'asc', signal, footers } as const
      for await (const batch of readSegment({ store, key, sizeBytes }, query)) {
        let last = ''
        for (const { channelId } of batch) {
          if (channelId !== last) channels.add((last = channelId))
        }
      }
    }
  }
  return [...channels].toSorted()
}

import type { HotStore } from '@poglog/hot-store'
import { readSegment, SegmentError } from '@poglog/log-format'
import type { Reads } from './open-reads.ts'

/** A segment that is compacted meanwhile is gone after ten minutes: then the listing of its shard begins again. */
const LISTINGS_MAX = 5

export interface ListDeps extends Pick<Reads, 'cold' | 'footers'> {
  readonly hot: Pick<HotStore, 'shards' | 'channels' | 'manifest'>
}

export interface ListRange {
  readonly fromMs: number
  readonly toMs: number
  readonly signal: AbortSignal
}

/**
 * Every channel that has a record in a range, or may have a hot one, in the order of a by-channel segment.
 *
 * @throws {SegmentError} of a segment that cannot be read, or is missing each time.
 */
export async function listChannels(range: ListRange, deps: ListDeps): Promise<string[]> {
  const channels = new Set<string>()
  for (let shard = 0; shard < deps.hot.shards; shard += 1) {
    for (let listing = 1; ; listing += 1) {
      try {
        await listShard(shard, { ...range, channels }, deps)
        break
      } catch (error) {
        const isGone = error instanceof SegmentError && error.kind === 'missing'
        if (!isGone || listing === LISTINGS_MAX) throw error
      }
    }
  }
  return [...channels].toSorted()
}

async function listShard(
  shard: number,
  { channels, fromMs, toMs, signal }: ListRange & { readonly channels: Set<string> },
  { hot, cold: store, footers }: ListDeps,
): Promise<void> {
  // Hot first: what is sealed in between is then in a segment of the manifest.
  for await (const channelId of hot.channels(shard)) channels.add(channelId)
  for (const { key, sizeBytes, projection, sentMinMs, sentMaxMs } of await hot.manifest(shard)) {
    if (projection !== 'by-channel' || sentMaxMs < fromMs || sentMinMs >= toMs) continue
    const query = { fromMs, toMs, order: 'asc', signal } as const
    for await (const batch of readSegment({ store, key, sizeBytes }, query, { footers })) {
      const first = batch[0]?.channelId
      // A segment is in the order of its channels, and most batches are of one.
      const isOfOne = first !== undefined && first === batch.at(-1)?.channelId
      for (const { channelId } of isOfOne ? batch.slice(0, 1) : batch) channels.add(channelId)
    }
  }
}

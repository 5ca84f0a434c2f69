import type { SegmentEntry } from '@poglog/hot-store'
import { createFooterCache, readSegment, readWords } from '@poglog/log-format'
import type { FooterCache } from '@poglog/log-format'
import type { ArchiveDeps } from '../deps.ts'
import { erasedHoursToMs } from './is-erased.ts'
import { writtenAtMs } from '../written-at.ts'

/** Whose records are looked for: sent before `beforeMs`, milliseconds since the Unix epoch. */
export interface Sought {
  readonly userId?: string | undefined
  readonly channelId?: string | undefined
  readonly beforeMs: number
}

interface LookDeps extends Pick<ArchiveDeps, 'cold'> {
  readonly signal?: AbortSignal | undefined
  readonly footers?: FooterCache | undefined
}

/**
 * Whether a segment holds a record, or a count, that is sought. It reads as far as the first.
 *
 * Counts of a user that were made after `beforeMs` may count, in the hour of the request, what he said after it.
 *
 * @throws {SegmentError} or {ObjectStoreError} naming the segment.
 */
export async function holdsRecords(
  entry: SegmentEntry,
  { userId, channelId, beforeMs }: Sought,
  { cold: store, signal, footers }: LookDeps,
): Promise<boolean> {
  const { key, sizeBytes, projection, sentMinMs } = entry
  if (sentMinMs >= beforeMs) return false
  const source = { store, key, sizeBytes }
  const query = { userId, channelId, fromMs: 0, toMs: beforeMs, signal }
  const options = { footers }
  if (projection !== 'words') {
    return await hasAny(readSegment(source, { ...query, order: 'asc' }, options))
  }
  const toMs = userId === undefined ? beforeMs : erasedHoursToMs(beforeMs, writtenAtMs(key))
  return await hasAny(readWords(source, { ...query, toMs }, options))
}

/**
 * Whether a segment holds something that its channel keeps no longer. The order of users says nothing of channels, so
 * there all records of that time are looked at, once for all channels.
 *
 * @param keptFromMs channel id -> sent time.
 * @throws as {@link holdsRecords}.
 */
export async function holdsExpired(
  entry: SegmentEntry,
  keptFromMs: ReadonlyMap<string, number>,
  { cold: store, signal }: Pick<LookDeps, 'cold' | 'signal'>,
): Promise<boolean> {
  const { key, sizeBytes, projection } = entry
  const deps = { cold: store, signal, footers: createFooterCache() }
  if (projection !== 'by-user') {
    for (const [channelId, beforeMs] of keptFromMs) {
      if (await holdsRecords(entry, { channelId, beforeMs }, deps)) return true
    }
    return false
  }
  const query = { fromMs: 0, toMs: Math.max(...keptFromMs.values()), order: 'asc', signal } as const
  for await (const batch of readSegment({ store, key, sizeBytes }, query, deps)) {
    const isExpired = batch.some(
      (record) => record.sentAtMs < (keptFromMs.get(record.channelId) ?? 0),
    )
    if (isExpired) return true
  }
  return false
}

async function hasAny(batches: AsyncIterable<readonly unknown[]>): Promise<boolean> {
  for await (const batch of batches) if (batch.length > 0) return true
  return false
}

import type { SegmentEntry } from '@poglog/hot-store'
import { parseSegmentKey, readSegment, readWords } from '@poglog/log-format'
import { decodeTime } from 'ulid'
import type { ArchiveDeps } from './deps.ts'

/** Whose records are looked for: sent before `beforeMs`, milliseconds since the Unix epoch. */
export interface Sought {
  readonly userId?: string | undefined
  readonly channelId?: string | undefined
  readonly beforeMs: number
}

/**
 * Whether a segment holds a record, or a count, that is sought. It reads as far as the first.
 *
 * Counts of a user that were made after `beforeMs` were made without what he asked to erase; in the hour of the
 * request they may count what he said after it.
 *
 * @throws {SegmentError} or {ObjectStoreError} naming the segment.
 */
export async function holdsRecords(
  entry: SegmentEntry,
  { userId, channelId, beforeMs }: Sought,
  { cold: store, signal }: Pick<ArchiveDeps, 'cold' | 'signal'>,
): Promise<boolean> {
  const { key, sizeBytes, projection, sentMinMs } = entry
  if (sentMinMs >= beforeMs) return false
  const source = { store, key, sizeBytes }
  const query = { userId, channelId, fromMs: 0, toMs: beforeMs, signal }
  if (projection !== 'words') return await hasAny(readSegment(source, { ...query, order: 'asc' }))
  if (userId !== undefined && writtenAtMs(key) >= beforeMs) return false
  return await hasAny(readWords(source, query))
}

/** By the time in its name, which is that of its reservation. */
export function writtenAtMs(key: string): number {
  const parts = parseSegmentKey(key)
  return parts === undefined ? 0 : decodeTime(parts.ulid)
}

async function hasAny(batches: AsyncIterable<readonly unknown[]>): Promise<boolean> {
  for await (const batch of batches) if (batch.length > 0) return true
  return false
}

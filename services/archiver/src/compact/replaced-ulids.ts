import type { SegmentEntry } from '@poglog/hot-store'
import { parseSegmentKey, readSegmentIdentity } from '@poglog/log-format'
import type { ArchiveDeps } from '../deps.ts'

/**
 * The ULIDs of segments that a new one takes the place of, with those that they took the place of: what
 * the new one's footer says it replaces.
 *
 * @throws {SegmentError} or {ObjectStoreError} naming the segment whose footer cannot be read.
 */
export async function replacedUlids(
  inputs: readonly SegmentEntry[],
  { cold: store, signal }: Pick<ArchiveDeps, 'cold' | 'signal'>,
): Promise<string[]> {
  const ulids = new Set<string>()
  for (const { key, sizeBytes } of inputs) {
    signal?.throwIfAborted()
    const { identity } = await readSegmentIdentity({ store, key, sizeBytes }, { signal })
    for (const ulid of identity.replaces ?? []) ulids.add(ulid)
    const ulid = parseSegmentKey(key)?.ulid
    if (ulid !== undefined) ulids.add(ulid)
  }
  return [...ulids]
}

import type { SegmentEntry } from '@poglog/hot-store'
import type { ArchiveDeps } from './deps.ts'

/** Every segment that a manifest names: those of all shards, and the folds of the by-user order. */
export async function namedSegments({ hot }: Pick<ArchiveDeps, 'hot'>): Promise<SegmentEntry[]> {
  const named: SegmentEntry[] = []
  for (let shard = 0; shard < hot.shards; shard += 1) named.push(...(await hot.manifest(shard)))
  // Last: what is folded meanwhile is in one of both.
  return [...named, ...(await hot.usersView()).folds]
}

import type { Scope } from '@poglog/hot-store'
import type { ArchiveDeps } from '../deps.ts'

const BATCH_OBJECTS = 500

export interface DeleteRequest {
  /** How long ago an object must have left its manifest: readers may still be at it. Milliseconds. */
  readonly graceMs: number
}

/**
 * Deletes the objects that swaps took out of a manifest, once no reader can need them. One that a manifest names again,
 * after a rebuild, stays and is no longer counted as removed.
 *
 * @returns how many objects were deleted.
 * @throws {HotStoreError} or {ObjectStoreError}; running it again is safe.
 */
export async function deleteRemoved(request: DeleteRequest, deps: ArchiveDeps): Promise<number> {
  let deleted = 0
  for (let shard = 0; shard < deps.hot.shards; shard += 1) {
    deleted += await deleteOf(shard, request, deps)
  }
  deleted += await deleteOf('users', request, deps)
  if (deleted > 0) deps.events.removedDeleted(deleted)
  return deleted
}

async function deleteOf(
  scope: Scope,
  { graceMs }: DeleteRequest,
  { hot, cold, signal, step }: ArchiveDeps,
): Promise<number> {
  const removed = await hot.removedObjects(scope)
  if (removed.length === 0) return 0
  const { nowMs } = await hot.state(scope === 'users' ? 0 : scope)
  const due = removed.filter(({ removedAtMs }) => removedAtMs <= nowMs - graceMs)
  if (due.length === 0) return 0
  // Read after the list: what is in both was entered again.
  const segments = scope === 'users' ? (await hot.usersView()).folds : await hot.manifest(scope)
  const named = new Set(segments.map(({ key }) => key))
  let deleted = 0
  for (let from = 0; from < due.length; from += BATCH_OBJECTS) {
    const keys = due.slice(from, from + BATCH_OBJECTS).map(({ key }) => key)
    const gone = keys.filter((key) => !named.has(key))
    await step('delete', () => cold.deleteMany(gone, { signal }))
    await hot.forgetRemoved(scope, keys)
    deleted += gone.length
  }
  return deleted
}

import type { JobConfig } from '@poglog/archiver'
import { openHotStore } from '@poglog/hot-store'
import { Journal } from './journal.ts'

/**
 * The journal of imports into one log: the one at this address of this object store. Of a log without a segment nothing is
 * believed that was noted before: it was made anew. One that was made anew and has sealed since is not told from the old
 * one; for it there is `--again`.
 *
 * @param isIgnored to believe nothing that was noted before, whatever the log.
 */
export async function openJournal(
  path: string,
  { redis, store }: Pick<JobConfig, 'redis' | 'store'>,
  isIgnored = false,
): Promise<Journal> {
  const log = store.endpoint === undefined ? store.url : `${store.url} at ${store.endpoint}`
  return await Journal.open(path, log, isIgnored || !(await hasSegments(redis)))
}

async function hasSegments(redis: JobConfig['redis']): Promise<boolean> {
  const hot = await openHotStore(redis)
  try {
    for (let shard = 0; shard < hot.shards; shard += 1) {
      if ((await hot.manifest(shard)).length > 0) return true
    }
    return false
  } finally {
    hot.close()
  }
}

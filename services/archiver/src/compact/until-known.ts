import { HotStoreError } from '@poglog/hot-store'
import type { ArchiveDeps } from '../deps.ts'

/** A commit whose reply was lost is sent again this often: Redis may take seconds to come back. */
const COMMIT_ATTEMPTS = 6
const COMMIT_DELAY_MS = 200

/**
 * Sends a commit or swap until its outcome is known. The one step that is repeated here and not by the
 * queue: after a lost reply only the same commit can tell whether it took place; a new job would write
 * its objects again.
 *
 * @throws {HotStoreError} the outcome is unknown when its kind is `unavailable`, else nothing was changed.
 */
export async function untilKnown<T>(
  commit: () => Promise<T>,
  { sleep, signal }: Pick<ArchiveDeps, 'sleep' | 'signal'>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await commit()
    } catch (error) {
      const isUnknown = error instanceof HotStoreError && error.kind === 'unavailable'
      if (!isUnknown || attempt === COMMIT_ATTEMPTS || signal?.aborted === true) throw error
      await sleep(COMMIT_DELAY_MS * attempt)
    }
  }
}

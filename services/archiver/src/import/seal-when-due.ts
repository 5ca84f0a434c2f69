import type { HotStore } from '@poglog/hot-store'
import type { ArchiveDeps } from '../deps.ts'
import { dueJobs } from '../due-jobs.ts'
import { seal } from '../seal/seal.ts'
import type { SealRequest } from '../seal/seal.ts'

/** An archiver that seals at the same time refuses and is refused; after so many attempts it is left to it. */
const ATTEMPTS_MAX = 8
const RETRY_DELAY_MS = 250

type SealingDeps = ArchiveDeps & { readonly hot: Pick<HotStore, 'memory'> }

/**
 * Seals a shard when its state asks for it, as the archiver would. For a job that adds group after group to a shard:
 * every group makes a seal under way start over, so it has to make room for them itself.
 *
 * @throws what `seal` throws.
 */
export async function sealWhenDue(shard: number, deps: SealingDeps): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const request = await dueSeal(shard, deps)
    if (request === undefined) return
    const startedAt = deps.clock()
    const { refused } = await seal(request, deps)
    if (!refused) return
    // As long as the lost attempt took, more or less: two that begin again at once refuse each other for ever.
    const tookMs = deps.clock() - startedAt
    await deps.sleep(RETRY_DELAY_MS * attempt + tookMs * (0.5 + Math.random()))
  }
}

async function dueSeal(shard: number, deps: SealingDeps): Promise<SealRequest | undefined> {
  const { hot, limits } = deps
  const state = await hot.state(shard)
  if (state.hotRecords === 0) return undefined
  const { usedBytes, maxBytes } = await hot.memory()
  const memoryShare = maxBytes === 0 ? 0 : usedBytes / maxBytes
  const due = dueJobs(state, { ...limits, memoryShare, trimGraceMs: Number.POSITIVE_INFINITY })
  return due.find((job) => job.kind === 'seal')
}

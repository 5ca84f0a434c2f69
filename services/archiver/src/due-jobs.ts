import type { ShardState } from '@poglog/hot-store'
import type { CompactRequest } from './compact/compact.ts'
import { dueDays } from './compact/due-compactions.ts'
import type { CompactionPolicy } from './compact/due-compactions.ts'
import { dueFolds, dueWordFolds } from './compact/due-folds.ts'
import type { FoldFacts, FoldPolicy } from './compact/due-folds.ts'
import type { FoldWordsRequest } from './compact/fold-words.ts'
import type { FoldRequest } from './compact/fold.ts'
import { periodStart } from './period.ts'
import type { SealRequest } from './seal/seal.ts'

/** A period is sealed this long after its end, so that the last appends under way need no second look. */
const SEAL_SLACK_MS = 500
/** Beyond this share of Redis' memory, sealing does not wait for the hour. */
const MEMORY_SHARE_MAX = 0.7
/** Below this share of a full segment, sealing early would free next to nothing. */
const EARLY_RECORDS_SHARE_MIN = 0.05

/** Work for the queue. The queue carries it, the state decides: a lost or doubled job changes nothing. */
export type ArchiveJob =
  | ({ readonly kind: 'seal' } & SealRequest)
  | { readonly kind: 'trim'; readonly shard: number }
  | { readonly kind: 'sweep' }
  | ({ readonly kind: 'compact' } & CompactRequest)
  | ({ readonly kind: 'fold' } & Pick<FoldRequest, 'monthMs' | 'users'>)
  | ({ readonly kind: 'fold-words' } & Pick<FoldWordsRequest, 'monthMs' | 'shard'>)
  | { readonly kind: 'clean' }
  | { readonly kind: 'erase'; readonly userId: string }
  | { readonly kind: 'retain' }

export interface DueSettings {
  readonly periodMs: number
  readonly recordsMax: number
  readonly trimGraceMs: number
  /** Used share of Redis' memory limit, 0 where it has none. */
  readonly memoryShare: number
}

/** The jobs that a shard's state calls for now. */
export function dueJobs(state: ShardState, settings: DueSettings): ArchiveJob[] {
  const { shard, boundaryMs, trimmedMs, nowMs } = state
  const jobs: ArchiveJob[] = []
  if (isFull(state, settings)) {
    jobs.push({ kind: 'seal', shard, upTo: 'now' })
  } else if (boundaryMs < periodStart(Math.max(0, nowMs - SEAL_SLACK_MS), settings.periodMs)) {
    jobs.push({ kind: 'seal', shard, upTo: 'period' })
  }
  // The state does not tell an interrupted trim from a finished one. Its job is tried again by the
  // queue; what it leaves all the same goes with the next trim, after the next seal.
  if (trimmedMs < Math.min(boundaryMs, nowMs - settings.trimGraceMs)) {
    jobs.push({ kind: 'trim', shard })
  }
  return jobs
}

/**
 * The jobs that the manifests call for now: of each shard the oldest day to compact, of each shard and user shard the
 * oldest month to fold. The next ones are due when these are done.
 */
export function dueArchiveJobs(
  facts: FoldFacts,
  policy: Pick<CompactionPolicy, 'spreadMs' | 'isSetAside'> & FoldPolicy,
): ArchiveJob[] {
  const jobs: ArchiveJob[] = []
  const { nowMs } = facts
  for (const shard of facts.shards) {
    const [dayMs] = dueDays({ ...shard, shards: facts.shards.length, nowMs }, policy)
    if (dayMs !== undefined) jobs.push({ kind: 'compact', shard: shard.shard, dayMs })
    const [words] = dueWordFolds({ ...shard, nowMs }, policy)
    if (words !== undefined) {
      jobs.push({ kind: 'fold-words', shard: shard.shard, monthMs: words.monthMs })
    }
  }
  const isAdded = new Set<number>()
  for (const { monthMs, users } of dueFolds(facts, policy)) {
    if (!isAdded.has(users)) jobs.push({ kind: 'fold', monthMs, users })
    isAdded.add(users)
  }
  return jobs
}

function isFull({ hotRecords }: ShardState, { recordsMax, memoryShare }: DueSettings): boolean {
  if (hotRecords >= recordsMax) return true
  return memoryShare > MEMORY_SHARE_MAX && hotRecords >= recordsMax * EARLY_RECORDS_SHARE_MIN
}

import type { ShardState } from '@poglog/hot-store'
import { periodStart } from './period.ts'
import type { SealRequest } from './seal.ts'

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

function isFull({ hotRecords }: ShardState, { recordsMax, memoryShare }: DueSettings): boolean {
  if (hotRecords >= recordsMax) return true
  return memoryShare > MEMORY_SHARE_MAX && hotRecords >= recordsMax * EARLY_RECORDS_SHARE_MIN
}

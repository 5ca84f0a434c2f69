import type { SegmentEntry, ShardState } from '@poglog/hot-store'
import type { ArchiveDeps } from '../deps.ts'
import { periodStart } from '../period.ts'
import { sealWindow } from './seal-window.ts'

export interface SealRequest {
  readonly shard: number
  /** `period`: all periods that have ended. `now`: everything that has arrived when the job begins. */
  readonly upTo: 'period' | 'now'
}

/** What a job sealed. `refused` means it stopped early because another sealer was at work. */
export interface SealResult {
  readonly segments: number
  /** Records written into segments. */
  readonly records: number
  readonly bytes: number
  /** Where the boundary is now, and where the job was to bring it. */
  readonly boundaryMs: number
  readonly targetMs: number
  readonly refused: boolean
}

/** Called after each window. */
export type OnWindow = (window: {
  readonly shard: number
  readonly segment: SegmentEntry | undefined
  readonly boundaryMs: number
  readonly targetMs: number
}) => void

/**
 * Moves a shard's records from hot to cold, one segment an hour, until the boundary has reached what
 * was asked for. Safe to run at any time, again, and twice at once.
 *
 * @throws what {@link sealWindow} throws; windows moved before stay moved.
 */
export async function seal(
  request: SealRequest,
  deps: ArchiveDeps,
  onWindow?: OnWindow,
): Promise<SealResult> {
  const { hot, clock, events, limits, signal } = deps
  const startedAt = clock()
  const state = await hot.state(request.shard)
  const targetMs = targetOf(request.upTo, state, limits.periodMs)
  const total = { segments: 0, records: 0, bytes: 0 }
  let boundaryMs = state.boundaryMs
  while (boundaryMs < targetMs) {
    signal?.throwIfAborted()
    const windowStartedAt = clock()
    const nowMs = state.nowMs + Math.round(windowStartedAt - startedAt)
    const window = await sealWindow({ shard: request.shard, targetMs, nowMs }, deps)
    if (window.kind === 'refused') {
      events.refused(request.shard, window.at)
      return { ...total, boundaryMs, targetMs, refused: true }
    }
    boundaryMs = window.boundaryMs
    if (window.kind === 'passed') break
    events.moved(request.shard, window, clock() - windowStartedAt)
    if (window.segment !== undefined) {
      total.segments += 1
      total.records += window.segment.records
      total.bytes += window.segment.sizeBytes
    }
    onWindow?.({ shard: request.shard, segment: window.segment, boundaryMs, targetMs })
  }
  return { ...total, boundaryMs, targetMs, refused: false }
}

/**
 * With `now`, what lies on the floor and ahead of it is taken too: there everything piles up when the clock of Redis was
 * set back, until it has caught up with itself.
 */
function targetOf(upTo: SealRequest['upTo'], state: ShardState, periodMs: number): number {
  if (upTo === 'period') return periodStart(state.nowMs, periodMs)
  return Math.max(state.nowMs, state.floorMs + 1, state.aheadMs + 1)
}

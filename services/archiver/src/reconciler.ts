import type { HotStore } from '@poglog/hot-store'
import { dueJobs } from './due-jobs.ts'
import type { ArchiveJob, DueSettings } from './due-jobs.ts'
import type { ServiceEvents } from './events.ts'

export interface ReconcilerOptions {
  readonly hot: Pick<HotStore, 'shards' | 'state' | 'memory'>
  readonly add: (jobs: readonly ArchiveJob[]) => Promise<void>
  readonly settings: Omit<DueSettings, 'memoryShare'> & {
    readonly intervalMs: number
    readonly sweepIntervalMs: number
  }
  readonly events: Pick<ServiceEvents, 'reconcileFailed' | 'observed' | 'memory'>
  /** Milliseconds that never run backwards. */
  readonly clock: () => number
}

/**
 * Compares every shard's state with the clock, now and every `intervalMs`, and adds the jobs that are
 * due. Nothing else starts work, so a lost job is back after one interval. A failed round is told and
 * the next one comes all the same. Dispose it to stop.
 */
export function startReconciler(options: ReconcilerOptions): Disposable {
  const { settings, events, clock } = options
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let sweptAt = Number.NEGATIVE_INFINITY

  const round = async (): Promise<void> => {
    try {
      const jobs = await reconcile(options)
      const isSweepDue = clock() - sweptAt >= settings.sweepIntervalMs
      await options.add(isSweepDue ? [...jobs, { kind: 'sweep' }] : jobs)
      if (isSweepDue) sweptAt = clock()
    } catch (error) {
      if (!stop.signal.aborted) events.reconcileFailed(error)
    }
    if (!stop.signal.aborted) timer = setTimeout(() => void round(), settings.intervalMs)
  }
  void round()
  return {
    [Symbol.dispose]() {
      stop.abort()
      clearTimeout(timer)
    },
  }
}

/** All jobs that are due now, over all shards. */
async function reconcile(
  options: Pick<ReconcilerOptions, 'hot' | 'settings' | 'events'>,
): Promise<ArchiveJob[]> {
  const { hot, settings, events } = options
  const { usedBytes, maxBytes } = await hot.memory()
  const memoryShare = maxBytes === 0 ? 0 : usedBytes / maxBytes
  events.memory(memoryShare)
  const jobs: ArchiveJob[] = []
  for (let shard = 0; shard < hot.shards; shard += 1) {
    const state = await hot.state(shard)
    const isUnsealed = state.hotRecords > 0 && state.boundaryMs > 0
    const unsealedMs = isUnsealed ? Math.max(0, state.nowMs - state.boundaryMs) : 0
    events.observed(shard, { hotRecords: state.hotRecords, unsealedMs })
    jobs.push(...dueJobs(state, { ...settings, memoryShare }))
  }
  return jobs
}

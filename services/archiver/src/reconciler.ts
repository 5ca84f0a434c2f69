import type { HotStore, ShardState } from '@poglog/hot-store'
import { dueArchiveJobs, dueJobs } from './due-jobs.ts'
import type { ArchiveJob, DueSettings } from './due-jobs.ts'
import { FOLD_POLICY } from './compact/due-folds.ts'
import type { ShardFacts } from './compact/due-folds.ts'
import type { ServiceEvents } from './events.ts'
import type { ArchiveQueue } from './queue.ts'
import type { SetAside } from './compact/set-aside.ts'

export interface ReconcilerOptions {
  readonly hot: Pick<
    HotStore,
    'shards' | 'state' | 'memory' | 'scriptSeconds' | 'firstArrival' | 'manifest' | 'usersView'
  > & {
    readonly erasures: Pick<HotStore['erasures'], 'pending'>
    readonly replicas: Pick<HotStore['replicas'], 'list'>
  }
  readonly queue: Pick<ArchiveQueue, 'add' | 'waiting'>
  readonly settings: Omit<DueSettings, 'memoryShare'> & {
    readonly intervalMs: number
    /** How often orphans are looked for, and what channels keep no longer. */
    readonly sweepIntervalMs: number
    /** How often replaced objects are looked for. */
    readonly cleanIntervalMs: number
    /** Over this time after midnight the shards' compactions begin. */
    readonly compactSpreadMs: number
  }
  /** What this process could not read lately is no reason to start work. */
  readonly setAside: Pick<SetAside, 'has' | 'size'>
  readonly events: Pick<
    ServiceEvents,
    | 'reconcileFailed'
    | 'observed'
    | 'memory'
    | 'scriptTime'
    | 'fleet'
    | 'setAsideSegments'
    | 'jobsWaiting'
  >
  /** Milliseconds that never run backwards. */
  readonly clock: () => number
}

/**
 * Compares every shard's state with the clock, now and every `intervalMs`, and adds the jobs that are
 * due. Nothing else starts work, so a lost job is back after one interval. A failed round is told and
 * the next one comes all the same. Dispose it to stop.
 */
export function startReconciler(options: ReconcilerOptions): Disposable {
  const { settings, events, clock, queue } = options
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const isSweepDue = every(settings.sweepIntervalMs, clock)
  const isCleanDue = every(settings.cleanIntervalMs, clock)

  const round = async (): Promise<void> => {
    try {
      const jobs = await reconcile(options)
      const sweep = isSweepDue()
      const clean = isCleanDue()
      if (sweep.isDue) jobs.push({ kind: 'sweep' }, { kind: 'retain' })
      if (clean.isDue) jobs.push({ kind: 'clean' })
      await queue.add(jobs)
      sweep.done()
      clean.done()
      events.jobsWaiting(await queue.waiting())
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

/** Tells whether so much time has passed since the last round that was done; that one is done only when told so. */
function every(intervalMs: number, clock: () => number) {
  let lastAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = clock()
    const isDue = now - lastAt >= intervalMs
    return { isDue, done: () => void (lastAt = isDue ? now : lastAt) }
  }
}

/** All jobs that are due now, over all shards. */
async function reconcile(
  options: Pick<ReconcilerOptions, 'hot' | 'settings' | 'events' | 'setAside'>,
): Promise<ArchiveJob[]> {
  const { hot, settings, events, setAside } = options
  const memory = await hot.memory()
  const { usedBytes, maxBytes } = memory
  const memoryShare = maxBytes === 0 ? 0 : usedBytes / maxBytes
  events.memory(memory)
  events.scriptTime(await hot.scriptSeconds())
  events.fleet(await hot.replicas.list())
  events.setAsideSegments(setAside.size)
  const jobs: ArchiveJob[] = []
  const shards: ShardFacts[] = []
  let nowMs = 0
  const view = await hot.usersView()
  for (let shard = 0; shard < hot.shards; shard += 1) {
    const state = await hot.state(shard)
    const { hotRecords, hotBytes } = state
    const lagMs = await lagOf(state, hot)
    events.observed(shard, { hotRecords, hotBytes, lagMs })
    jobs.push(...dueJobs(state, { ...settings, memoryShare }))
    const { boundaryMs } = state
    shards.push({ shard, boundaryMs, segments: await hot.manifest(shard) })
    nowMs = Math.max(nowMs, state.nowMs)
  }
  for (const { userId } of await hot.erasures.pending()) jobs.push({ kind: 'erase', userId })
  const isSetAside = (key: string): boolean => setAside.has(key)
  const policy = { ...FOLD_POLICY, spreadMs: settings.compactSpreadMs, isSetAside }
  return [...jobs, ...dueArchiveJobs({ shards, view, nowMs }, policy)]
}

/** How far the boundary lies back; before the first seal, as far as the first record. */
async function lagOf(
  { shard, boundaryMs, hotRecords, nowMs }: ShardState,
  hot: Pick<HotStore, 'firstArrival'>,
): Promise<number> {
  if (boundaryMs === 0 && hotRecords === 0) return 0
  const fromMs = boundaryMs === 0 ? await hot.firstArrival(shard) : boundaryMs
  return Math.max(0, nowMs - (fromMs ?? nowMs))
}

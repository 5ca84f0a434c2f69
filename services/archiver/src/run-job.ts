import type { HotStore } from '@poglog/hot-store'
import type { Tracing } from '@poglog/service-kit'
import { compact } from './compact/compact.ts'
import { deleteRemoved } from './clean/delete-removed.ts'
import type { ArchiveDeps } from './deps.ts'
import type { ArchiveJob } from './due-jobs.ts'
import { erase } from './privacy/erase.ts'
import type { EraseDeps } from './privacy/erase.ts'
import type { ServiceEvents } from './events.ts'
import { FOLD_POLICY } from './compact/due-folds.ts'
import { foldWords } from './compact/fold-words.ts'
import { dropAbsorbed, fold } from './compact/fold.ts'
import { RestingErasures } from './privacy/resting-erasures.ts'
import { retain } from './privacy/retain.ts'
import { seal } from './seal/seal.ts'
import type { OnWindow, SealRequest } from './seal/seal.ts'
import { traceSeals } from './seal/trace-seals.ts'
import { sweep } from './clean/sweep.ts'
import { tidyUserSets } from './clean/tidy-user-sets.ts'
import { trim } from './seal/trim.ts'

export interface JobSettings {
  readonly trimGraceMs: number
  readonly sweepGraceMs: number
  readonly removedGraceMs: number
  readonly sweepIntervalMs: number
}

export interface JobDeps extends ArchiveDeps {
  readonly hot: ArchiveDeps['hot'] & Pick<HotStore, 'traces'>
  readonly tracing: Tracing
  readonly events: ArchiveDeps['events'] & Pick<ServiceEvents, 'userErased' | 'retained'>
}

/** Makes the function that does a job. It throws what the job throws; every job may be run again. */
export function createJobRunner(
  deps: JobDeps,
  settings: JobSettings,
): (job: ArchiveJob) => Promise<void> {
  const suspects = new Map<string, number>()
  const policy = { ...FOLD_POLICY, isSetAside: (key: string) => deps.setAside.has(key) }
  const lookedInto = new Map<string, string>()
  const resting = new RestingErasures(deps.clock)
  return async (job) => {
    switch (job.kind) {
      case 'seal':
        await sealTraced(job, deps)
        return
      case 'trim':
        await trim({ shard: job.shard, graceMs: settings.trimGraceMs }, deps)
        return
      case 'sweep':
        await tidyUserSets(deps)
        await sweep({ graceMs: settings.sweepGraceMs, suspects }, deps)
        return
      case 'compact':
        await compact(job, deps)
        return
      case 'fold':
        await fold({ ...job, policy }, deps)
        return
      case 'fold-words':
        await foldWords({ ...job, policy }, deps)
        return
      case 'clean':
        await dropAbsorbed(deps)
        await deleteRemoved({ graceMs: settings.removedGraceMs }, deps)
        return
      case 'erase':
        await eraseUser(job.userId, { ...deps, ...stays(settings), resting })
        return
      case 'retain':
        deps.events.retained(await retain({ lookedInto }, deps))
        return
    }
  }
}

async function sealTraced(job: SealRequest, deps: JobDeps): Promise<void> {
  const windows: Parameters<OnWindow>[0][] = []
  await seal(job, deps, (window) => windows.push(window))
  await traceSeals(windows, deps)
}

/** How long objects stay at most that no manifest names. An orphan must be old, then seen twice a grace apart. */
function stays({ removedGraceMs, sweepGraceMs, sweepIntervalMs }: JobSettings) {
  return { removedGraceMs, orphanStaysMs: 2 * (sweepGraceMs + sweepIntervalMs) }
}

/** The job says whose records go; until when is asked anew, because the user may have asked again. */
async function eraseUser(
  userId: string,
  deps: JobDeps & EraseDeps & { readonly resting: RestingErasures },
): Promise<void> {
  const { hot, clock, events, resting } = deps
  const erasure = await hot.erasures.find(userId)
  if (erasure?.state !== 'pending' || (await resting.has(erasure, deps))) return
  const startedAt = clock()
  const result = await erase(erasure, deps)
  if (result.kind === 'done') resting.remove(userId)
  else resting.add(erasure, result.report)
  events.userErased(result, clock() - startedAt)
}

import { compact } from './compact.ts'
import { deleteRemoved } from './delete-removed.ts'
import type { ArchiveDeps } from './deps.ts'
import type { ArchiveJob } from './due-jobs.ts'
import { foldWords } from './fold-words.ts'
import { dropAbsorbed, fold } from './fold.ts'
import { seal } from './seal.ts'
import { sweep } from './sweep.ts'
import { trim } from './trim.ts'

export interface JobSettings {
  readonly trimGraceMs: number
  readonly sweepGraceMs: number
  readonly removedGraceMs: number
}

/** Makes the function that does a job. It throws what the job throws; every job may be run again. */
export function createJobRunner(
  deps: ArchiveDeps,
  settings: JobSettings,
): (job: ArchiveJob) => Promise<void> {
  const suspects = new Map<string, number>()
  return async (job) => {
    switch (job.kind) {
      case 'seal':
        await seal(job, deps)
        return
      case 'trim':
        await trim({ shard: job.shard, graceMs: settings.trimGraceMs }, deps)
        return
      case 'sweep':
        await sweep({ graceMs: settings.sweepGraceMs, suspects }, deps)
        return
      case 'compact':
        await compact(job, deps)
        return
      case 'fold':
        await fold(job, deps)
        return
      case 'fold-words':
        await foldWords(job, deps)
        return
      case 'clean':
        await dropAbsorbed(deps)
        await deleteRemoved({ graceMs: settings.removedGraceMs }, deps)
        return
    }
  }
}

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { ulid } from 'ulid'
import type { ArchiveDeps } from '../../src/deps.ts'
import type { ArchiveEvents } from '../../src/events.ts'
import { untold } from '../../src/step.ts'
import { SetAside } from '../../src/compact/set-aside.ts'
import { seal } from '../../src/seal/seal.ts'
import { sweep } from '../../src/clean/sweep.ts'
import { trim } from '../../src/seal/trim.ts'
import { isPlanned } from './fault-seam.ts'
import type { FaultSeam } from './fault-seam.ts'
import type { Log } from './world.ts'

const ROUNDS_MAX = 8
const HOUR_MS = 3_600_000
const WORK_DIR = join(tmpdir(), `poglog-archiver-test-${process.pid}`)

/** How often each path was taken, over all runs of a file. */
export type RarePaths = Map<string, number>

export function take(rare: RarePaths, path: string, times = 1): void {
  if (times > 0) rare.set(path, (rare.get(path) ?? 0) + times)
}

/** Everything a job touches, behind the seam. */
export function depsOf(
  log: Log,
  { seam, rare }: { seam: FaultSeam; rare: RarePaths },
): ArchiveDeps {
  return {
    hot: seam.wrap('hot', log.hot),
    cold: seam.wrap('cold', log.cold),
    clock: () => performance.now(),
    sleep: () => Promise.resolve(),
    newUlid: (timeMs) => ulid(timeMs),
    workDir: WORK_DIR,
    setAside: new SetAside(() => performance.now()),
    limits: { periodMs: HOUR_MS, recordsMax: 5, rawBytesMax: 1e9, readConcurrency: 1 },
    events: recordingEvents(rare),
    step: untold,
  }
}

interface Run {
  readonly seam: FaultSeam
  readonly rare: RarePaths
  readonly afterRound?: () => Promise<void>
}

/**
 * Runs seal, trim and sweep as the queue would: each job once a round, again in the next round when it
 * failed, until a round has gone well.
 */
export async function runJobs(deps: ArchiveDeps, { seam, rare, afterRound }: Run): Promise<void> {
  const suspects = new Map<string, number>()
  const jobs = [
    async () => {
      const { segments, refused } = await seal({ shard: 0, upTo: 'now' }, deps)
      if (segments > 1) take(rare, 'several segments in one seal')
      return !refused
    },
    async () => (await trim({ shard: 0, graceMs: 0 }, deps)) >= 0,
    async () => (await sweep({ graceMs: 0, suspects }, deps)) >= 0,
  ]
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    let isWell = true
    for (const job of jobs) {
      if (seam.isDead) break
      try {
        if (!(await job())) isWell = false
      } catch (error) {
        if (!isPlanned(error)) throw error
        isWell = false
      }
    }
    if (seam.isDead) suspects.clear()
    seam.revive()
    await afterRound?.()
    if (isWell) return
  }
  throw new Error(`jobs did not come to rest in ${ROUNDS_MAX} rounds`)
}

function recordingEvents(rare: RarePaths): ArchiveEvents {
  return {
    moved(_, { segment, equal, known }) {
      take(rare, segment === undefined ? 'moved without a segment' : 'early seal')
      take(rare, 'equal record dropped', equal)
      take(rare, 'late record dropped', known)
    },
    refused: (_, at) => take(rare, `refused at ${at}`),
    commitRepeated: () => take(rare, 'already committed'),
    unparsed: () => take(rare, 'unparsed'),
    lookUpFailed: () => take(rare, 'look-up failed'),
    trimmed: (_, entries) => take(rare, 'trimmed', entries),
    swept: (objects) => take(rare, 'orphan swept', objects),
    foreignObjects: (objects) => take(rare, 'foreign object kept', objects),
    compacted(_, { equal, erased, setAside }) {
      take(rare, 'compacted')
      take(rare, 'equal record dropped by a compaction', equal)
      take(rare, 'erased record dropped', erased)
      take(rare, 'compacted without an unreadable segment', setAside.length)
    },
    folded: (order) => take(rare, `folded ${order}`),
    setAside: () => take(rare, 'set aside'),
    removedDeleted: (objects) => take(rare, 'removed object deleted', objects),
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { JobConfig } from '../config.ts'
import type { ArchiveDeps } from '../deps.ts'
import { onlyWarnings } from '../only-warnings.ts'
import { openDeps } from '../open-deps.ts'
import { seal } from './seal.ts'
import type { SealResult } from './seal.ts'

const TIMEOUT_MS = 30 * 60_000
const RETRY_DELAY_MS = 250

/** What has been sealed so far. `shardsDone` of `shards` are finished. */
export interface SealProgress {
  readonly shards: number
  readonly shardsDone: number
  readonly segments: number
  readonly records: number
  readonly bytes: number
}

export interface SealNowOptions {
  /** Where hot and cold are; `readJobConfig` makes it from the environment. */
  readonly settings: JobConfig
  /** Called after each segment and each finished shard. */
  readonly onProgress?: (progress: SealProgress) => void
  /** Called with what an operator should look at though the seal goes on. */
  readonly onWarning?: (message: string) => void
  /** Default 30 minutes. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * Moves everything that has arrived until now from Redis to the object store, shard by shard, and
 * resolves to what was written.
 *
 * It runs the archiver's own code in this process instead of asking a running archiver through the
 * queue: it needs no archiver to be up, tells the real error instead of a time-out, and is as safe,
 * because the commit and not the queue decides who seals. Beside a running archiver one of the two is
 * refused; here it then waits about as long as its attempt took and goes on from where the other got to.
 *
 * @throws {HotStoreError}, {ObjectStoreError} or {SegmentError}; segments committed before stay.
 * @throws Error when it took longer than `timeoutMs`, or the signal's reason.
 */
export async function sealNow(options: SealNowOptions): Promise<SealProgress> {
  const { settings, onProgress, timeoutMs = TIMEOUT_MS } = options
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal])
  const events = onlyWarnings(options.onWarning ?? ((): void => {}))
  await using resources = await openDeps({ settings, events, signal })
  const { deps } = resources
  const { hot } = deps
  const progress = { shards: hot.shards, shardsDone: 0, segments: 0, records: 0, bytes: 0 }
  for (let shard = 0; shard < hot.shards; shard += 1) {
    await sealShard(shard, deps, ({ records, sizeBytes }) => {
      progress.segments += 1
      progress.records += records
      progress.bytes += sizeBytes
      onProgress?.({ ...progress })
    })
    progress.shardsDone += 1
    onProgress?.({ ...progress })
  }
  return progress
}

/** Seals what had arrived at the first attempt, however often another sealer gets in between. */
async function sealShard(
  shard: number,
  deps: ArchiveDeps,
  onSegment: (segment: { records: number; sizeBytes: number }) => void,
): Promise<void> {
  let goalMs: number | undefined
  for (let attempt = 1; ; attempt += 1) {
    const startedAt = deps.clock()
    const result: SealResult = await seal({ shard, upTo: 'now' }, deps, ({ segment }) => {
      if (segment !== undefined) onSegment(segment)
    })
    goalMs ??= result.targetMs
    if (!result.refused || result.boundaryMs >= goalMs) return
    const { boundaryMs } = await deps.hot.state(shard)
    if (boundaryMs >= goalMs) return
    // As long as the lost attempt took, more or less: two that begin again at once refuse each other for ever.
    const tookMs = deps.clock() - startedAt
    await sleep(RETRY_DELAY_MS * attempt + tookMs * (0.5 + Math.random()), undefined, {
      signal: deps.signal,
    })
  }
}

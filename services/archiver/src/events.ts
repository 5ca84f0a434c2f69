import type { SegmentError } from '@poglog/log-format'
import type { MemoryUse, OnCall, ReplicaList, Scope } from '@poglog/hot-store'
import { redisCallMetrics, storeRequestMetrics } from '@poglog/service-kit'
import type { Logger, Metrics } from '@poglog/service-kit'
import type { OnStoreRequest } from '@poglog/object-store'
import { FAILURE_KINDS, advice, failureKind } from './advice.ts'
import type { CompactResult } from './compact/compact.ts'
import type { ArchiveJob } from './due-jobs.ts'
import { JOB_KINDS, counters } from './event-counters.ts'
import type { EraseResult } from './privacy/erase.ts'
import type { FoldResult } from './compact/fold.ts'
import type { RetainResult } from './privacy/retain.ts'
import type { WindowResult } from './seal/seal-window.ts'

/** All that jobs tell. The only place of this service that logs or counts. */
export interface ArchiveEvents {
  moved(shard: number, window: Extract<WindowResult, { kind: 'moved' }>, durationMs: number): void
  refused(scope: Scope, at: 'check' | 'commit' | 'trim' | 'swap'): void
  commitRepeated(scope: Scope): void
  unparsed(shard: number, records: number): void
  lookUpFailed(error: SegmentError): void
  trimmed(shard: number, entries: number, durationMs: number): void
  swept(objects: number): void
  foreignObjects(objects: number): void
  compacted(
    shard: number,
    day: Extract<CompactResult, { kind: 'compacted' }>,
    durationMs: number,
  ): void
  folded(
    order: 'by-user' | 'words',
    fold: Extract<FoldResult, { kind: 'folded' }>,
    durationMs: number,
  ): void
  /** A segment cannot be read and was left where it is; `segments` are set aside now. */
  setAside(scope: Scope, error: unknown, segments: number): void
  removedDeleted(objects: number): void
}

/** What the process around the jobs tells. */
export interface ServiceEvents extends ArchiveEvents {
  readonly redisCalled: OnCall
  readonly storeAsked: OnStoreRequest
  started(fields: Readonly<Record<string, unknown>>): void
  jobDone(job: ArchiveJob['kind'], durationMs: number): void
  jobFailed(job: string, error: unknown): void
  /** How many jobs wait, by kind; a kind that is absent has none. */
  jobsWaiting(jobs: ReadonlyMap<string, number>): void
  reconcileFailed(error: unknown): void
  queueFailed(error: unknown): void
  userErased(result: EraseResult, durationMs: number): void
  /** What went because its channel keeps it no longer. */
  retained(result: RetainResult): void
  memory(use: MemoryUse): void
  fleet(list: ReplicaList): void
  setAsideSegments(segments: number): void
  /** `seconds` that Redis has spent in scripts since it started. */
  scriptTime(seconds: number): void
  observed(shard: number, hot: ShardHot): void
}

/** What of a shard is in no segment, and how far its boundary lies back. */
export interface ShardHot {
  readonly hotRecords: number
  readonly hotBytes: number
  readonly lagMs: number
}

/** A replica of ingest that was silent for so long is taken for dead by the others. */
const REPLICA_SILENT_MS_MAX = 10_000
const SET_ASIDE_ADVICE =
  'restore the object named from a copy of the bucket; what can be read is compacted without it'

export function createEvents(log: Logger, metrics: Metrics): ServiceEvents {
  const told: Told = { log, count: counters(metrics) }
  for (const kind of JOB_KINDS) told.count.jobFailures.inc({ kind }, 0)
  for (const kind of FAILURE_KINDS) told.count.failures.inc({ kind }, 0)
  return {
    ...sealEvents(told),
    ...archiveEvents(told),
    ...cleaningEvents(told),
    ...privacyEvents(told),
    ...processEvents(told),
    ...observedEvents(told),
    redisCalled: redisCallMetrics(metrics),
    storeAsked: storeRequestMetrics(metrics),
  }
}

interface Told {
  readonly log: Logger
  readonly count: ReturnType<typeof counters>
}

function sealEvents({ log, count }: Told) {
  return {
    moved(shard, { segment, entries, equal, known, erased, boundaryMs }, durationMs) {
      count.windows.inc()
      count.equal.inc(equal)
      count.known.inc(known)
      if (segment === undefined) {
        log.debug({ shard, boundaryMs, entries }, 'boundary moved without a segment')
        return
      }
      count.segments.inc()
      count.records.inc(segment.records)
      count.bytes.inc(segment.sizeBytes)
      count.sealSeconds.observe(durationMs / 1000)
      const { key, records, sizeBytes } = segment
      const fields = { shard, key, records, sizeBytes, entries, equal, known, erased, boundaryMs }
      log.info({ ...fields, durationMs: Math.round(durationMs) }, 'segment committed')
    },
    refused(scope, at) {
      count.refused.inc({ at })
      log.warn({ scope, at }, 'refused, another archiver was at work or redis failed over')
    },
    commitRepeated(scope) {
      count.already.inc()
      log.info({ scope }, 'commit had taken place, its reply was lost')
    },
    unparsed(shard, records) {
      count.unparsed.inc(records)
      log.error({ shard, records }, 'lines in redis do not parse, stored as they are')
    },
    lookUpFailed(err) {
      count.failures.inc({ kind: failureKind(err) })
      log.error({ err, advice: advice(err) }, 'late records not looked up')
    },
  } satisfies Partial<ServiceEvents>
}

function archiveEvents({ log, count }: Told) {
  return {
    compacted(shard, { inputs, entries, records, equal, erased, sizeBytes, setAside }, durationMs) {
      count.compactions.inc()
      count.compactedRecords.inc(records)
      count.equal.inc(equal)
      count.compactSeconds.observe(durationMs / 1000)
      const { key } = entries.at(-1) ?? { key: undefined }
      const fields = {
        shard,
        key,
        inputs: inputs.length,
        objects: entries.length,
        records,
        sizeBytes,
      }
      const left = { equal, erased, setAside: setAside.length }
      log.info({ ...fields, ...left, durationMs: Math.round(durationMs) }, 'day compacted')
    },
    folded(order, { inputs, entry, equal, erased }, durationMs) {
      count.folds.inc({ order })
      count.foldSeconds.observe(durationMs / 1000)
      const { key, records, sizeBytes } = entry ?? { records: 0, sizeBytes: 0 }
      const fields = { order, key, inputs: inputs.length, records, sizeBytes, equal, erased }
      log.info({ ...fields, durationMs: Math.round(durationMs) }, 'month folded')
    },
    setAside(scope, err, segments) {
      count.failures.inc({ kind: failureKind(err) })
      count.setAside.set(segments)
      log.error({ err, scope, advice: SET_ASIDE_ADVICE }, 'segment cannot be read, set aside')
    },
    removedDeleted(objects) {
      count.removed.inc(objects)
      log.info({ objects }, 'replaced objects deleted')
    },
  } satisfies Partial<ServiceEvents>
}

function cleaningEvents({ log, count }: Told) {
  return {
    trimmed(shard, entries, durationMs) {
      count.trimmed.inc(entries)
      const level = entries === 0 ? 'debug' : 'info'
      log[level]({ shard, entries, durationMs: Math.round(durationMs) }, 'trimmed')
    },
    swept(objects) {
      count.orphans.inc(objects)
      log.info({ objects }, 'orphaned objects deleted')
    },
    foreignObjects(objects) {
      count.foreign.set(objects)
      if (objects === 0) return
      const advised = 'redis was lost or rolled back: rebuild its manifest from the object store'
      log.error({ objects, advice: advised }, 'objects found that redis does not know')
    },
  } satisfies Partial<ServiceEvents>
}

/** Never with the user's id: it is to be forgotten here too. */
function privacyEvents({ log, count }: Told) {
  return {
    userErased({ kind, report }, durationMs) {
      const { keys, unreadable, ...numbers } = report
      const fields = { ...numbers, unreadable, durationMs: Math.round(durationMs) }
      if (kind === 'done') {
        count.erasures.inc()
        log.info({ ...fields, keys: keys.length }, 'user erased')
        return
      }
      const advised =
        unreadable.length === 0
          ? 'it goes on by itself'
          : 'restore the objects from a copy of the bucket, it goes on within the hour'
      log.warn({ ...fields, advice: advised }, 'user not erased yet')
    },
    retained(result) {
      if (result.unreadable.length > 0)
        log.warn(result, 'expired records remain in unreadable segments')
      else if (result.segments > 0) log.info(result, 'expired records removed')
    },
  } satisfies Partial<ServiceEvents>
}

function processEvents({ log, count }: Told) {
  return {
    started(fields) {
      log.info(fields, 'archiver started')
    },
    jobDone(job, durationMs) {
      count.jobSeconds.observe({ kind: job }, durationMs / 1000)
    },
    jobFailed(job, err) {
      count.jobFailures.inc({ kind: job })
      count.failures.inc({ kind: failureKind(err) })
      log.error({ err, job, advice: advice(err) }, 'job failed, it will be tried again')
    },
    reconcileFailed(err) {
      count.failures.inc({ kind: failureKind(err) })
      log.error({ err, advice: advice(err) }, 'reconciling failed, it will be tried again')
    },
    queueFailed(err) {
      count.queueErrors.inc()
      log.warn({ err }, 'queue connection failed, it reconnects by itself')
    },
  } satisfies Partial<ServiceEvents>
}

/** What the reconciler sees in every round. */
function observedEvents({ count }: Told) {
  return {
    jobsWaiting(jobs) {
      for (const kind of JOB_KINDS) count.jobsWaiting.set({ kind }, jobs.get(kind) ?? 0)
    },
    memory({ usedBytes, maxBytes }) {
      count.memoryUsedBytes.set(usedBytes)
      count.memoryMaxBytes.set(maxBytes)
    },
    fleet({ nowMs, replicas, lostPending, lostDropped }) {
      const alive = replicas.filter(({ beatMs }) => nowMs - beatMs < REPLICA_SILENT_MS_MAX)
      count.replicas.set(alive.length)
      count.lostPending.set(lostPending)
      count.lostDropped.set(lostDropped)
    },
    setAsideSegments(segments) {
      count.setAside.set(segments)
    },
    scriptTime(seconds) {
      // Redis counts; it may have started anew.
      count.scriptSeconds.reset()
      count.scriptSeconds.inc(seconds)
    },
    observed(number, { hotRecords, hotBytes, lagMs }) {
      const shard = String(number)
      count.hotRecords.set({ shard }, hotRecords)
      count.hotBytes.set({ shard }, hotBytes)
      count.lagSeconds.set({ shard }, lagMs / 1000)
      count.unsealedSeconds.set({ shard }, hotRecords === 0 ? 0 : lagMs / 1000)
    },
  } satisfies Partial<ServiceEvents>
}

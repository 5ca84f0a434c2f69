import type { Metrics } from '@poglog/service-kit'
import type { ArchiveJob } from './due-jobs.ts'

/** Every kind of job, so that each has its series before the first of them fails. */
export const JOB_KINDS = [
  'seal',
  'trim',
  'sweep',
  'compact',
  'fold',
  'fold-words',
  'clean',
  'erase',
  'retain',
] as const satisfies readonly ArchiveJob['kind'][]

const DURATION_BUCKETS_S = [0.1, 0.3, 1, 3, 10, 30, 100, 300]

/** What the events count. */
export function counters({ counter, gauge, histogram }: Metrics) {
  return {
    segments: counter({ name: 'segments_total', help: 'Segments committed.' }),
    windows: counter({
      name: 'windows_total',
      help: 'Boundary moves, with and without a segment.',
    }),
    records: counter({ name: 'records_total', help: 'Records in committed segments.' }),
    bytes: counter({ name: 'segment_bytes_total', help: 'Bytes of committed segments.' }),
    equal: counter({ name: 'equal_records_total', help: 'Records dropped as equal to another.' }),
    known: counter({
      name: 'known_records_total',
      help: 'Records dropped as already in a segment.',
    }),
    unparsed: counter({ name: 'unparsed_records_total', help: 'Lines that did not parse.' }),
    refused: counter({
      name: 'refused_total',
      help: 'Steps that found the state moved on or rolled back.',
      labelNames: ['at'],
    }),
    already: counter({ name: 'repeated_commits_total', help: 'Commits whose reply was lost.' }),
    trimmed: counter({ name: 'trimmed_entries_total', help: 'Entries removed from Redis.' }),
    orphans: counter({ name: 'orphans_swept_total', help: 'Objects deleted that nobody named.' }),
    foreign: gauge({
      name: 'foreign_objects',
      help: 'Objects that Redis should know and does not.',
    }),
    ...archiveCounters({ counter, gauge, histogram }),
    ...jobCounters({ counter, histogram }),
    failures: counter({
      name: 'failures_total',
      help: 'Failures by kind.',
      labelNames: ['kind'],
    }),
    queueErrors: counter({ name: 'queue_errors_total', help: 'Errors of the queue connection.' }),
    sealSeconds: histogram({
      name: 'seal_seconds',
      help: 'Time from freeze to commit of a segment.',
      buckets: DURATION_BUCKETS_S,
    }),
    ...observedCounters({ counter, gauge }),
    ...hotGauges({ gauge }),
  }
}

function jobCounters({ counter, histogram }: Pick<Metrics, 'counter' | 'histogram'>) {
  return {
    jobSeconds: histogram({
      name: 'job_seconds',
      help: 'Time of jobs that were done, by kind.',
      labelNames: ['kind'],
      buckets: DURATION_BUCKETS_S,
    }),
    jobFailures: counter({
      name: 'job_failures_total',
      help: 'Tries of jobs that failed, by kind of job.',
      labelNames: ['kind'],
    }),
  }
}

/** What one round of the reconciler sees of each shard. */
function hotGauges({ gauge }: Pick<Metrics, 'gauge'>) {
  return {
    hotRecords: gauge({
      name: 'hot_records',
      help: 'Records that are not in a segment.',
      labelNames: ['shard'],
    }),
    hotBytes: gauge({
      name: 'hot_bytes',
      help: 'Bytes of the raw lines of records that are not in a segment; in Redis they take more.',
      labelNames: ['shard'],
    }),
    lagSeconds: gauge({
      name: 'boundary_lag_seconds',
      help: 'How far the boundary lies back, where hot begins; rises also while nothing is hot.',
      labelNames: ['shard'],
    }),
    unsealedSeconds: gauge({
      name: 'oldest_unsealed_seconds',
      help: 'How long the oldest record that is in no segment may have been in Redis.',
      labelNames: ['shard'],
    }),
  }
}

/** What one round of the reconciler sees of what all processes share. */
function observedCounters({ counter, gauge }: Pick<Metrics, 'counter' | 'gauge'>) {
  return {
    scriptSeconds: counter({
      name: 'redis_script_seconds_total',
      help: 'Time that Redis has spent in scripts since it started, of all primaries and all who use it',
    }),
    jobsWaiting: gauge({
      name: 'jobs_waiting',
      help: 'Jobs that wait to be done or to be tried again, by kind.',
      labelNames: ['kind'],
    }),
    memoryUsedBytes: gauge({
      name: 'redis_memory_used_bytes',
      help: 'Memory that Redis uses; of the fullest node in a cluster.',
    }),
    memoryMaxBytes: gauge({
      name: 'redis_memory_max_bytes',
      help: "Redis' maxmemory, 0 where it has none; of the same node.",
    }),
    replicas: gauge({
      name: 'ingest_replicas',
      help: 'Replicas of ingest whose heartbeat Redis got in the last 10 s.',
    }),
    lostPending: gauge({
      name: 'lost_replicas_pending',
      help: 'Dead replicas of ingest whose gap is not written yet.',
    }),
    lostDropped: gauge({
      name: 'lost_replicas_dropped',
      help: 'Dead replicas of ingest, ever, whose gap was never written because there were too many.',
    }),
  }
}

function archiveCounters({
  counter,
  gauge,
  histogram,
}: Pick<Metrics, 'counter' | 'gauge' | 'histogram'>) {
  return {
    compactions: counter({ name: 'compactions_total', help: 'Days of a shard compacted.' }),
    compactedRecords: counter({
      name: 'compacted_records_total',
      help: 'Records in compacted day segments.',
    }),
    compactSeconds: histogram({
      name: 'compact_seconds',
      help: 'Time to compact a day of a shard.',
      buckets: DURATION_BUCKETS_S,
    }),
    folds: counter({ name: 'folds_total', help: 'Months folded.', labelNames: ['order'] }),
    foldSeconds: histogram({
      name: 'fold_seconds',
      help: 'Time to fold a month of a shard.',
      buckets: DURATION_BUCKETS_S,
    }),
    erasures: counter({ name: 'erasures_total', help: 'Users whose records were removed.' }),
    removed: counter({
      name: 'removed_objects_total',
      help: 'Objects deleted whose records newer ones hold.',
    }),
    setAside: gauge({
      name: 'unreadable_segments',
      help: 'Segments that could not be read within the last hour.',
    }),
  }
}

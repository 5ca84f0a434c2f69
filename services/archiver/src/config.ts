import {
  count,
  duration,
  parseEnv,
  processSettings,
  redisSettings,
  storeSettings,
} from '@poglog/service-kit'
import type { Env } from '@poglog/service-kit'
import { z } from 'zod'
import { DAY_MS, HOUR_MS } from './period.ts'

/** The longest a query may run: one that began before a seal may read what the seal made cold. */
export const LONGEST_QUERY_MS = 5 * 60_000
/** Records stay in Redis this long after a segment has them: twice the longest query. */
const TRIM_GRACE_MS = 2 * LONGEST_QUERY_MS
/** Longer than any upload that was given up can still be on its way. */
const SWEEP_GRACE_MS = 24 * HOUR_MS
const SWEEP_INTERVAL_MS = 6 * HOUR_MS
/** A query that began with the manifest as it was before reads the objects it named. */
const REMOVED_GRACE_MS = 3 * LONGEST_QUERY_MS
const CLEAN_INTERVAL_MS = 60_000
/** Over this time after midnight the shards' compactions begin, so that they do not all load the stores at once. */
const COMPACT_SPREAD_MS = HOUR_MS / 6
/** About 1.5 times 100,000 lines of the usual 400 bytes; only unusually long lines reach it first. */
const SEAL_RAW_BYTES_MAX = 64 * 1024 * 1024

const jobSettings = {
  ...redisSettings,
  ...storeSettings,
  SEAL_PERIOD_MS: duration({ min: 100, max: HOUR_MS, fallback: HOUR_MS }),
  SEAL_RECORDS_MAX: count({ min: 1, max: 1_000_000, fallback: 100_000 }),
  SEAL_RAW_BYTES_MAX: count({ min: 1024, max: 2 ** 30, fallback: SEAL_RAW_BYTES_MAX }),
  READ_CONCURRENCY: count({ min: 1, max: 256, fallback: 16 }),
  /** Replicas of Redis that must have a freeze and a commit before they count. */
  WAIT_REPLICAS: count({ min: 0, max: 16, fallback: 0 }),
  /** Where a job's temporary files go; the system's temporary folder when it is not set. */
  WORK_DIR: z.string().min(1).optional(),
}

const jobSchema = z.object(jobSettings)

const schema = z.object({
  ...jobSettings,
  ...processSettings,
  QUEUE_REDIS_URL: z.string().optional(),
  RECONCILE_INTERVAL_MS: duration({ min: 50, max: HOUR_MS, fallback: 15_000 }),
  TRIM_GRACE_MS: duration({ min: 0, max: 7 * DAY_MS, fallback: TRIM_GRACE_MS }),
  SWEEP_INTERVAL_MS: duration({ min: 100, max: 7 * DAY_MS, fallback: SWEEP_INTERVAL_MS }),
  SWEEP_GRACE_MS: duration({ min: 0, max: 365 * DAY_MS, fallback: SWEEP_GRACE_MS }),
  REMOVED_GRACE_MS: duration({ min: 0, max: 7 * DAY_MS, fallback: REMOVED_GRACE_MS }),
  CLEAN_INTERVAL_MS: duration({ min: 100, max: DAY_MS, fallback: CLEAN_INTERVAL_MS }),
  COMPACT_SPREAD_MS: duration({ min: 0, max: DAY_MS, fallback: COMPACT_SPREAD_MS }),
  /**
   * Jobs at once in this process, beside the one that seals or trims. That one may hold 1.25 x SEAL_RECORDS_MAX records
   * in memory, each other a compaction's sorters.
   */
  WORKER_CONCURRENCY: count({ min: 1, max: 16, fallback: 1 }),
})

/** What a job needs to know: where hot and cold are, and how large segments get. */
export type JobConfig = ReturnType<typeof readJobConfig>
/** All settings of the archiver process. */
export type Config = ReturnType<typeof readConfig>

/** Reads what `poglog seal` and the other commands that do jobs need. @throws {SettingsError} listing all that is wrong. */
export function readJobConfig(env: Env) {
  return jobConfig(parseEnv(jobSchema, env))
}

/** @throws {SettingsError} listing all that is wrong. */
export function readConfig(env: Env) {
  const settings = parseEnv(schema, env)
  return {
    ...jobConfig(settings),
    queueRedisUrl: settings.QUEUE_REDIS_URL ?? settings.REDIS_URL,
    logLevel: settings.LOG_LEVEL,
    host: settings.HOST,
    healthPort: settings.HEALTH_PORT,
    reconcileIntervalMs: settings.RECONCILE_INTERVAL_MS,
    trimGraceMs: settings.TRIM_GRACE_MS,
    sweepIntervalMs: settings.SWEEP_INTERVAL_MS,
    sweepGraceMs: settings.SWEEP_GRACE_MS,
    removedGraceMs: settings.REMOVED_GRACE_MS,
    cleanIntervalMs: settings.CLEAN_INTERVAL_MS,
    compactSpreadMs: settings.COMPACT_SPREAD_MS,
    workerConcurrency: settings.WORKER_CONCURRENCY,
  }
}

function jobConfig(settings: z.output<typeof jobSchema>) {
  return {
    redis: {
      url: settings.REDIS_URL,
      shards: settings.SHARDS,
      waitReplicas: settings.WAIT_REPLICAS,
    },
    store: {
      url: settings.OBJECT_STORE,
      endpoint: settings.S3_ENDPOINT,
      region: settings.S3_REGION,
      forcePathStyle: settings.S3_FORCE_PATH_STYLE,
    },
    workDir: settings.WORK_DIR,
    limits: {
      periodMs: settings.SEAL_PERIOD_MS,
      recordsMax: settings.SEAL_RECORDS_MAX,
      rawBytesMax: settings.SEAL_RAW_BYTES_MAX,
      readConcurrency: settings.READ_CONCURRENCY,
    },
  }
}

import { connectQueue, QUEUE_NAMES, QUEUE_PREFIX } from '@poglog/hot-store/queue'
import type { QueueConnection } from '@poglog/hot-store/queue'
import { Queue, Worker } from 'bullmq'
import type { JobsOptions } from 'bullmq'
import { z } from 'zod'
import type { ArchiveJob } from './due-jobs.ts'

const CONNECT_MS_MAX = 10_000
/** While Redis is away, BullMQ would wait for it before it closes. */
const CLOSE_MS_MAX = 4000
/** How soon a job is taken over whose worker died: its lock runs out, then somebody looks. */
const LOCK_MS = 10_000
const STALLED_INTERVAL_MS = 5000
const KEPT_FAILED_JOBS = 100
/** Waiting jobs that are looked at to be counted by kind: far more than one of each kind and shard. */
const JOBS_COUNTED_MAX = 1000

const JOB_OPTIONS = {
  attempts: 6,
  backoff: { type: 'exponential', delay: 1000, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: { count: KEPT_FAILED_JOBS },
} as const satisfies JobsOptions

const shard = z.number().int().min(0)
const timeMs = z.number().int().min(0)
const jobSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('seal'), shard, upTo: z.enum(['period', 'now']) }),
  z.object({ kind: z.literal('trim'), shard }),
  z.object({ kind: z.literal('sweep') }),
  z.object({ kind: z.literal('compact'), shard, dayMs: timeMs }),
  z.object({ kind: z.literal('fold'), monthMs: timeMs, users: shard }),
  z.object({ kind: z.literal('fold-words'), monthMs: timeMs, shard }),
  z.object({ kind: z.literal('clean') }),
  z.object({ kind: z.literal('erase'), userId: z.string().regex(/^\d{1,20}$/) }),
  z.object({ kind: z.literal('retain') }),
]) satisfies z.ZodType<ArchiveJob>

export interface QueueOptions {
  readonly redisUrl: string
  /** Jobs at once, beside one that seals or trims. */
  readonly concurrency: number
  /** Does a job. When it rejects, the job is tried again later, with growing waits. */
  readonly run: (job: ArchiveJob) => Promise<void>
  readonly onJobFailed: (job: string, error: unknown) => void
  readonly onError: (error: unknown) => void
}

/** The queue of all archivers, and this process's workers on it. Dispose it to stop taking jobs. */
export interface ArchiveQueue extends AsyncDisposable {
  /**
   * Adds jobs that are not there yet, waiting or running: one of a kind and shard.
   *
   * @throws Error at once while Redis is away.
   */
  readonly add: (jobs: readonly ArchiveJob[]) => Promise<void>
  /** How many jobs wait to be done or to be tried again, by kind; of a longer queue only its first thousand. */
  readonly waiting: () => Promise<ReadonlyMap<string, number>>
  readonly ping: () => Promise<void>
}

/**
 * Connects to the queue. The only place that knows BullMQ.
 *
 * The queue holds nothing of value: it may be emptied at any time, and each job may run twice.
 */
export async function openQueue(options: QueueOptions): Promise<ArchiveQueue> {
  await using opened = new AsyncDisposableStack()
  const adding = connectQueue(options.redisUrl, 'adding')
  opened.defer(() => {
    adding.disconnect()
  })
  const working = connectQueue(options.redisUrl, 'working')
  opened.defer(() => {
    working.disconnect()
  })
  for (const client of [adding, working]) client.on('error', options.onError)

  const connections = { adding, working }
  const lanes = {
    keepsRedisSmall: openLane('keepsRedisSmall', { ...options, concurrency: 1 }, connections),
    takesLong: openLane('takesLong', options, connections),
  }
  // Side by side: each waits a while for its jobs to end.
  opened.defer(async () => {
    await Promise.all(Object.values(lanes).map((lane) => lane.close()))
  })
  await within(Promise.all(Object.values(lanes).map((lane) => lane.ready())), CONNECT_MS_MAX)

  const resources = opened.move()
  return {
    async add(jobs) {
      const { keepsRedisSmall = [], takesLong = [] } = Object.groupBy(jobs, laneOf)
      await lanes.keepsRedisSmall.add(keepsRedisSmall)
      await lanes.takesLong.add(takesLong)
    },
    async waiting() {
      const names = await Promise.all(Object.values(lanes).map((lane) => lane.waiting()))
      const byKind = Object.entries(Object.groupBy(names.flat(), (name) => name))
      return new Map(byKind.map(([name, jobs = []]) => [name, jobs.length]))
    },
    async ping() {
      await adding.ping()
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** One queue, and this process's worker on it. */
function openLane(
  lane: keyof typeof QUEUE_NAMES,
  { concurrency, run, onJobFailed, onError }: QueueOptions,
  { adding, working }: Record<'adding' | 'working', QueueConnection>,
) {
  const queue = new Queue(QUEUE_NAMES[lane], { connection: adding, prefix: QUEUE_PREFIX })
  queue.on('error', onError)
  const work = ({ data }: { data: unknown }): Promise<void> => run(jobSchema.parse(data))
  const worker = new Worker<unknown>(QUEUE_NAMES[lane], work, {
    connection: working,
    prefix: QUEUE_PREFIX,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_INTERVAL_MS,
  })
  worker.on('error', onError)
  worker.on('failed', (job, error) => {
    onJobFailed(job?.name ?? 'unknown', error)
  })
  return {
    ready: async (): Promise<void> => {
      await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])
    },
    async add(jobs: readonly ArchiveJob[]): Promise<void> {
      if (jobs.length === 0) return
      const bulk = jobs.map((job) => ({
        name: job.kind,
        data: job,
        opts: { ...JOB_OPTIONS, deduplication: { id: idOf(job) } },
      }))
      await queue.addBulk(bulk)
    },
    async waiting(): Promise<string[]> {
      const jobs = await queue.getJobs(['waiting', 'delayed'], 0, JOBS_COUNTED_MAX - 1)
      return jobs.map(({ name }) => name)
    },
    async close(): Promise<void> {
      for (const part of [worker, queue]) await within(part.close(), CLOSE_MS_MAX).catch(onError)
    },
  }
}

/** One job of a kind, shard, user shard or user at a time, whichever day or month it is for. */
function idOf(job: ArchiveJob): string {
  if ('shard' in job) return `${job.kind}-${job.shard}`
  if ('users' in job) return `${job.kind}-${job.users}`
  if ('userId' in job) return `${job.kind}-${job.userId}`
  return job.kind
}

function laneOf({ kind }: ArchiveJob): keyof typeof QUEUE_NAMES {
  return kind === 'seal' || kind === 'trim' ? 'keepsRedisSmall' : 'takesLong'
}

async function within(ready: Promise<unknown>, timeoutMs: number): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new Error(`queue redis did not answer within ${timeoutMs} ms`))
  }, timeoutMs)
  try {
    await Promise.race([ready, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

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

/** The queue of all archivers. Dispose it to leave it. */
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
 * Connects to the queue, and takes jobs from it. This file is the only place that knows BullMQ.
 *
 * The queue holds nothing of value: it may be emptied at any time, and each job may run twice.
 */
export async function openQueue(options: QueueOptions): Promise<ArchiveQueue> {
  await using opened = new AsyncDisposableStack()
  const queue = opened.use(await joinQueue(options))
  const working = connectQueue(options.redisUrl, 'working')
  opened.defer(() => {
    working.disconnect()
  })
  working.on('error', options.onError)
  const workers = [
    openWorker('keepsRedisSmall', { ...options, concurrency: 1 }, working),
    openWorker('takesLong', options, working),
  ]
  opened.defer(() => closeAll(workers, options))
  await within(Promise.all(workers.map((worker) => worker.waitUntilReady())), CONNECT_MS_MAX)

  const resources = opened.move()
  return { ...queue, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** Connects to the queue without taking jobs from it. */
export async function joinQueue({
  redisUrl,
  onError,
}: Pick<QueueOptions, 'redisUrl' | 'onError'>): Promise<ArchiveQueue> {
  await using opened = new AsyncDisposableStack()
  const connection = connectQueue(redisUrl, 'adding')
  opened.defer(() => {
    connection.disconnect()
  })
  connection.on('error', onError)
  const open = (lane: keyof typeof QUEUE_NAMES): Queue => {
    const queue = new Queue(QUEUE_NAMES[lane], { connection, prefix: QUEUE_PREFIX })
    return queue.on('error', onError)
  }
  const lanes = { keepsRedisSmall: open('keepsRedisSmall'), takesLong: open('takesLong') }
  const queues = Object.values(lanes)
  opened.defer(() => closeAll(queues, { onError }))
  await within(Promise.all(queues.map((queue) => queue.waitUntilReady())), CONNECT_MS_MAX)

  const resources = opened.move()
  return {
    async add(jobs) {
      const { keepsRedisSmall = [], takesLong = [] } = Object.groupBy(jobs, laneOf)
      await addTo(lanes.keepsRedisSmall, keepsRedisSmall)
      await addTo(lanes.takesLong, takesLong)
    },
    async waiting() {
      const jobs = await Promise.all(queues.map(waitingIn))
      const byKind = Object.entries(Object.groupBy(jobs.flat(), ({ name }) => name))
      return new Map(byKind.map(([name, ofKind = []]) => [name, ofKind.length]))
    },
    async ping() {
      await connection.ping()
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** This process's worker on one of the queues. */
function openWorker(
  lane: keyof typeof QUEUE_NAMES,
  { concurrency, run, onJobFailed, onError }: QueueOptions,
  connection: QueueConnection,
): Worker {
  const work = ({ data }: { data: unknown }): Promise<void> => run(jobSchema.parse(data))
  const worker = new Worker<unknown>(QUEUE_NAMES[lane], work, {
    connection,
    prefix: QUEUE_PREFIX,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_INTERVAL_MS,
  })
  worker.on('error', onError)
  worker.on('failed', (job, error) => {
    onJobFailed(job?.name ?? 'unknown', error)
  })
  return worker
}

async function addTo(queue: Queue, jobs: readonly ArchiveJob[]): Promise<void> {
  if (jobs.length === 0) return
  const bulk = jobs.map((job) => ({
    name: job.kind,
    data: job,
    opts: { ...JOB_OPTIONS, deduplication: { id: idOf(job) } },
  }))
  await queue.addBulk(bulk)
}

async function waitingIn(queue: Queue): Promise<readonly { readonly name: string }[]> {
  return await queue.getJobs(['waiting', 'delayed'], 0, JOBS_COUNTED_MAX - 1)
}

/** Side by side: each waits a while, workers for their jobs to end. */
async function closeAll(
  parts: readonly { readonly close: () => Promise<void> }[],
  { onError }: Pick<QueueOptions, 'onError'>,
): Promise<void> {
  await Promise.all(parts.map((part) => within(part.close(), CLOSE_MS_MAX).catch(onError)))
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

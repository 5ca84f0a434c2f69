import {
  createLogger,
  createMetrics,
  diskMetrics,
  openTracing,
  redactUrl,
  runService,
  startHealthServer,
  traceCalls,
} from '@poglog/service-kit'
import type { Tracing } from '@poglog/service-kit'
import { readConfig } from './config.ts'
import type { ArchiveJob } from './due-jobs.ts'
import { createEvents } from './events.ts'
import type { ServiceEvents } from './events.ts'
import { openDeps } from './open-deps.ts'
import { openQueue } from './queue.ts'
import { startReconciler } from './reconciler.ts'
import { createJobRunner } from './run-job.ts'
import type { Step } from './step.ts'
import { systemDeps } from './system-deps.ts'

/** Any key will do: an object that is not there proves that the store answers. */
const PROBE_KEY = 'by-channel/ready'

await runService({
  name: 'archiver',
  async run({ resources, stopping }) {
    const config = readConfig(process.env)
    const metrics = createMetrics('poglog_archiver_')
    const log = createLogger({ name: 'archiver', level: config.logLevel })
    const events = createEvents(log, metrics)

    // Ends last: who finishes a job can be watched as long as that takes, and says that it is not ready.
    const watched = resources.use(new AsyncDisposableStack())
    const tracing = resources.use(await openTracing('archiver', process.env))
    const watch = watchCalls(events, tracing)
    const step: Step = (name, work) => tracing.span(name, {}, work)
    const opened = await openDeps({ settings: config, events, signal: stopping, watch, step })
    const { deps } = resources.use(opened)
    diskMetrics(metrics, { name: 'work', dir: { path: deps.workDir, setting: 'WORK_DIR' } })
    const { hot, cold, setAside } = deps
    const queue = await openQueue({
      redisUrl: config.queueRedisUrl,
      concurrency: config.workerConcurrency,
      run: told(createJobRunner({ ...deps, events, tracing }, config), { events, tracing }),
      onJobFailed: (job, error) => {
        if (!stopping.aborted) events.jobFailed(job, error)
      },
      onError: (error) => {
        if (!stopping.aborted) events.queueFailed(error)
      },
    })
    resources.use(queue)
    resources.use(
      startReconciler({
        hot,
        queue,
        events,
        setAside,
        clock: systemDeps.clock,
        settings: {
          ...config.limits,
          trimGraceMs: config.trimGraceMs,
          intervalMs: config.reconcileIntervalMs,
          sweepIntervalMs: config.sweepIntervalMs,
          cleanIntervalMs: config.cleanIntervalMs,
          compactSpreadMs: config.compactSpreadMs,
        },
      }),
    )
    const health = watched.use(
      await startHealthServer({
        port: config.healthPort,
        host: config.host,
        ready: { redis: () => hot.ping(), queue: queue.ping, store: () => cold.size(PROBE_KEY) },
        registry: metrics.registry,
        stopping,
      }),
    )
    events.started({
      health: health.url,
      redis: redactUrl(config.redis.url),
      queue: redactUrl(config.queueRedisUrl),
      store: redactUrl(config.store.url),
      shards: hot.shards,
    })
  },
})

/** Counts and traces what jobs ask of the stores. */
function watchCalls(events: Pick<ServiceEvents, 'redisCalled' | 'storeAsked'>, tracing: Tracing) {
  return {
    onCall: traceCalls(tracing, 'redis', events.redisCalled),
    onStoreRequest: traceCalls(tracing, 'store', events.storeAsked),
  }
}

/** Tells how long a job took that was done; one that failed is told by the queue. Each is a trace. */
function told(
  run: (job: ArchiveJob) => Promise<void>,
  {
    events,
    tracing,
  }: { readonly events: Pick<ServiceEvents, 'jobDone'>; readonly tracing: Tracing },
): (job: ArchiveJob) => Promise<void> {
  return async (job) => {
    const startedMs = performance.now()
    const attributes = 'shard' in job ? { 'poglog.shard': job.shard } : {}
    await tracing.span(`job ${job.kind}`, attributes, () => run(job))
    events.jobDone(job.kind, performance.now() - startedMs)
  }
}

import { openHotStore } from '@poglog/hot-store'
import { openObjectStore } from '@poglog/object-store'
import {
  createLogger,
  createMetrics,
  redactUrl,
  runService,
  startHealthServer,
} from '@poglog/service-kit'
import { readConfig } from './config.ts'
import { createEvents } from './events.ts'
import { openQueue } from './queue.ts'
import { startReconciler } from './reconciler.ts'
import { createJobRunner } from './run-job.ts'
import { systemDeps } from './system-deps.ts'
import { openWorkDir } from './work-dir.ts'

/** Any key will do: an object that is not there proves that the store answers. */
const PROBE_KEY = 'by-channel/ready'

await runService({
  name: 'archiver',
  async run({ resources, stopping }) {
    const config = readConfig(process.env)
    const { registry, ...metrics } = createMetrics('poglog_archiver_')
    const log = createLogger({ name: 'archiver', level: config.logLevel })
    const events = createEvents(log, { registry, ...metrics })

    const hot = await openHotStore(config.redis)
    resources.defer(() => {
      hot.close()
    })
    const cold = await openObjectStore(config.store)
    resources.defer(() => cold.close())
    const workDir = resources.use(await openWorkDir(config.workDir))
    const deps = {
      hot,
      cold,
      events,
      limits: config.limits,
      workDir: workDir.path,
      signal: stopping,
      ...systemDeps,
    }
    const queue = await openQueue({
      redisUrl: config.queueRedisUrl,
      concurrency: config.workerConcurrency,
      run: createJobRunner(deps, config),
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
        add: queue.add,
        events,
        clock: systemDeps.clock,
        settings: {
          ...config.limits,
          trimGraceMs: config.trimGraceMs,
          intervalMs: config.reconcileIntervalMs,
          sweepIntervalMs: config.sweepIntervalMs,
        },
      }),
    )
    const health = await startHealthServer({
      port: config.healthPort,
      host: config.host,
      ready: { redis: () => hot.ping(), queue: queue.ping, store: () => cold.size(PROBE_KEY) },
      registry,
      stopping,
    })
    resources.use(health)
    events.started({
      health: health.url,
      redis: redactUrl(config.redis.url),
      queue: redactUrl(config.queueRedisUrl),
      store: redactUrl(config.store.url),
      shards: hot.shards,
    })
  },
})

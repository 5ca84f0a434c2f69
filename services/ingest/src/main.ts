import { HotStoreError } from '@poglog/hot-store'
import {
  SettingsError,
  createLogger,
  createMetrics,
  openTracing,
  runService,
  startHealthServer,
} from '@poglog/service-kit'
import { readConfig } from './config.ts'
import { createEvents } from './events.ts'
import { startIngest } from './ingest.ts'
import type { Ingest } from './ingest.ts'
import { measureStatus } from './status-metrics.ts'

/** Ready once nearly all channels are joined: a few dead ones must not hold up a rollout. */
const READY_SHARE_MIN = 0.9

const SUPERSEDED = {
  name: 'REPLICA_ID',
  problem: 'another process runs as this replica: give each one of its own',
}
/** What bringing all lines to Redis or to disk may take, once the channels are handed over. */
const FLUSH_MS_MAX = 10_000

await runService({
  name: 'ingest',
  async run({ resources, stopping, stop, stopWithin }) {
    const config = readConfig(process.env)
    stopWithin(config.handoverMsMax + FLUSH_MS_MAX)
    // Ends last: who hands over can be watched as long as that takes, and says that it is not ready.
    const watched = resources.use(new AsyncDisposableStack())
    const metrics = createMetrics('poglog_ingest_')
    const events = createEvents(createLogger({ name: 'ingest', level: config.logLevel }), metrics)
    resources.defer(() => events.stopped())
    const tracing = resources.use(await openTracing('ingest', process.env))
    const ingest = resources.use(await startIngest(config, events, tracing).catch(toSettingsError))
    void ingest.superseded.then(() => stop(new SettingsError([SUPERSEDED])))
    measureStatus(ingest.status, { metrics, config })
    const health = watched.use(
      await startHealthServer({
        port: config.healthPort,
        host: config.host,
        ready: { joined: () => checkJoined(ingest) },
        registry: metrics.registry,
        stopping,
      }),
    )
    stopping.addEventListener('abort', () => events.stopping())
    events.started(health.url)
  },
})

/** A Redis that is set up wrongly is a wrong setting: retrying cannot help. */
function toSettingsError(error: unknown): never {
  if (error instanceof HotStoreError && error.kind === 'misconfigured') {
    throw new SettingsError([{ name: 'REDIS_URL', problem: error.message }], { cause: error })
  }
  throw error
}

async function checkJoined(ingest: Ingest): Promise<void> {
  const { receiving, waiting, joining, joined, overLimit } = ingest.status().channels
  const wanted = waiting + joining + joined - overLimit
  if (receiving < wanted * READY_SHARE_MIN) {
    throw new Error(`${receiving} of ${wanted} channels joined`)
  }
}

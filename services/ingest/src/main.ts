import { HotStoreError } from '@poglog/hot-store'
import {
  SettingsError,
  createLogger,
  createMetrics,
  runService,
  startHealthServer,
} from '@poglog/service-kit'
import type { Metrics } from '@poglog/service-kit'
import { readConfig } from './config.ts'
import { createEvents } from './events.ts'
import { startIngest } from './ingest.ts'
import type { Ingest } from './ingest.ts'

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
    const metrics = createMetrics('poglog_ingest_')
    const events = createEvents(createLogger({ name: 'ingest', level: config.logLevel }), metrics)
    resources.defer(() => events.stopped())
    const ingest = resources.use(await startIngest(config, events).catch(toSettingsError))
    void ingest.superseded.then(() => stop(new SettingsError([SUPERSEDED])))
    measureStatus(ingest, metrics)
    const health = resources.use(
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

function measureStatus(ingest: Ingest, { gauge }: Metrics): void {
  const states = ['waiting', 'joining', 'joined', 'refused', 'receiving'] as const
  gauge({
    name: 'channels',
    help: 'Wanted channels by join state; receiving: joined, or not yet left elsewhere; over-limit: more than may be joined',
    labelNames: ['state'],
    collect(channels) {
      const counts = ingest.status().channels
      for (const state of states) channels.set({ state }, counts[state])
      channels.set({ state: 'over-limit' }, counts.overLimit)
    },
  })
  const gauges = {
    connections: 'Open connections to Twitch',
    bufferBytes: 'Bytes of lines in memory',
    spoolBytes: 'Bytes of lines on disk',
    spoolingLanes: 'Lanes whose lines go to disk first',
  } as const
  for (const key of ['connections', 'bufferBytes', 'spoolBytes', 'spoolingLanes'] as const) {
    gauge({
      name: key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      help: gauges[key],
      collect: (measured) => measured.set(ingest.status()[key]),
    })
  }
  measureSlots(ingest, gauge)
}

function measureSlots(ingest: Ingest, gauge: Metrics['gauge']): void {
  gauge({
    name: 'slots',
    help: 'Slots of channels that this replica is about to take over, joins, or holds',
    labelNames: ['state'],
    collect(slots) {
      const counts = ingest.status().slots
      for (const state of ['awaited', 'joining', 'holding'] as const) {
        slots.set({ state }, counts[state])
      }
    },
  })
  gauge({
    name: 'replicas',
    help: 'Replicas that are alive, as this one sees it',
    collect: (measured) => measured.set(ingest.status().slots.replicas),
  })
  gauge({
    name: 'utilisation',
    help: 'Share of the time the event loop was busy, 0 to 1, between the last two heartbeats',
    collect: (measured) => measured.set(ingest.status().load.utilisation),
  })
  gauge({
    name: 'messages_per_second',
    help: 'Lines taken a second, between the last two heartbeats',
    collect: (measured) => measured.set(ingest.status().load.messagesPerSecond),
  })
  gauge({
    name: 'covered_seconds',
    help: 'How old the time is up to which everything sent is stored',
    collect: (measured) => measured.set(ingest.status().coveredAgeMs / 1000),
  })
}

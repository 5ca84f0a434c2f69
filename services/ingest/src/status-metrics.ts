import { diskMetrics } from '@poglog/service-kit'
import type { Metrics } from '@poglog/service-kit'
import type { Config } from './config.ts'
import type { Ingest } from './ingest.ts'

type SpoolSettings = Pick<Config, 'spoolDir' | 'spoolBytesMax'>

/** Measures a replica whenever it is asked. */
export function measureStatus(
  status: Ingest['status'],
  { metrics, config }: { readonly metrics: Metrics; readonly config: SpoolSettings },
): void {
  const { gauge } = metrics
  const states = ['waiting', 'joining', 'joined', 'refused', 'receiving'] as const
  gauge({
    name: 'channels',
    help: 'Wanted channels by join state; receiving: joined, or not yet left elsewhere; over-limit: more than may be joined',
    labelNames: ['state'],
    collect(channels) {
      const counts = status().channels
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
      collect: (measured) => measured.set(status()[key]),
    })
  }
  gauge({
    name: 'spool_max_bytes',
    help: 'Bytes of lines that the spool takes, SPOOL_BYTES_MAX',
  }).set(config.spoolBytesMax)
  gauge({
    name: 'spooling_seconds',
    help: 'How long lines have been going to disk first, in the lane where it is longest; 0 while none does',
    collect: (measured) => measured.set(status().spoolingMs / 1000),
  })
  diskMetrics(metrics, { name: 'spool', dir: { path: config.spoolDir, setting: 'SPOOL_DIR' } })
  measureSlots(status, gauge)
}

function measureSlots(status: Ingest['status'], gauge: Metrics['gauge']): void {
  gauge({
    name: 'slots',
    help: 'Slots of channels that this replica is about to take over, joins, or holds',
    labelNames: ['state'],
    collect(slots) {
      const counts = status().slots
      for (const state of ['awaited', 'joining', 'holding'] as const) {
        slots.set({ state }, counts[state])
      }
    },
  })
  gauge({
    name: 'handing_over_channels',
    help: "Channels that are others' by now, and received here until they hold them",
    collect: (measured) => measured.set(status().slots.handingOver),
  })
  gauge({
    name: 'replicas',
    help: 'Replicas that are alive, as this one sees it',
    collect: (measured) => measured.set(status().slots.replicas),
  })
  gauge({
    name: 'utilisation',
    help: 'Share of the time the event loop was busy, 0 to 1, between the last two heartbeats',
    collect: (measured) => measured.set(status().load.utilisation),
  })
  gauge({
    name: 'messages_per_second',
    help: 'Lines taken a second, between the last two heartbeats',
    collect: (measured) => measured.set(status().load.messagesPerSecond),
  })
  gauge({
    name: 'covered_seconds',
    help: 'How old the time is up to which everything sent is stored',
    collect: (measured) => measured.set(status().coveredAgeMs / 1000),
  })
}

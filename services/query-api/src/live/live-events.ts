import { CUT_REASONS } from './events-text.ts'
import type { CutReason } from './events-text.ts'
import type { Logger, Metrics } from '@poglog/service-kit'

/** What is told of live tails; a part of the service's events. */
export interface LiveEvents {
  readonly liveBegun: () => void
  readonly liveEnded: () => void
  readonly liveSent: (records: number, sizeBytes: number) => void
  readonly liveCut: (reason: CutReason) => void
  /** A listener was refused because of how many there are, in all or of its address. */
  readonly liveRefused: (limit: 'all' | 'address') => void
  /** Live tails get nothing new: the hot store does not answer. */
  readonly liveAway: (error: unknown) => void
  readonly liveBack: () => void
}

export function liveEvents(log: Logger, metrics: Metrics): LiveEvents {
  const live = liveMetrics(metrics)
  return {
    liveBegun() {
      live.listeners.inc()
    },
    liveEnded() {
      live.listeners.dec()
    },
    liveSent(records, sizeBytes) {
      live.records.inc(records)
      live.bytes.inc(sizeBytes)
    },
    liveCut(reason) {
      live.cuts.inc({ reason })
    },
    liveRefused(limit) {
      live.refused.inc({ limit })
    },
    liveAway(err) {
      live.away.set(1)
      log.warn({ err }, 'live tails wait for the hot store')
    },
    liveBack() {
      live.away.set(0)
      log.info('live tails go on')
    },
  }
}

function liveMetrics(metrics: Metrics) {
  const cuts = metrics.counter({
    name: 'live_cuts_total',
    help: 'Live tails ended by the server, by why',
    labelNames: ['reason'],
  })
  // From the start: Prometheus sees no rise in a series that begins with it.
  for (const reason of CUT_REASONS) cuts.inc({ reason }, 0)
  return {
    cuts,
    listeners: metrics.gauge({ name: 'live_listeners', help: 'Live tails that run now' }),
    records: metrics.counter({
      name: 'live_records_total',
      help: 'Records given to live tails, each as often as it was given',
    }),
    bytes: metrics.counter({ name: 'live_bytes_total', help: 'Bytes given to live tails' }),
    refused: metrics.counter({
      name: 'live_refused_total',
      help: 'Live tails refused because there were too many, by which limit',
      labelNames: ['limit'],
    }),
    away: metrics.gauge({
      name: 'live_waiting',
      help: '1 while the hot store does not answer live tails',
    }),
  }
}

import type { LostReplica } from '@poglog/hot-store'
import type { Logger } from '@poglog/service-kit'
import type { FleetEvents } from './fleet.ts'
import type { Meters } from './meters.ts'
import type { SharedJoinBudgetDeps } from './shared-join-budget.ts'
import { createThrottle } from './throttle.ts'

const TELL_INTERVAL_MS = 5000
const SUPERSEDED_ADVICE = 'give every replica a REPLICA_ID of its own'

/** What happens between the replicas. */
export interface SharingEvents extends FleetEvents {
  readonly replicaLost: (lost: LostReplica) => void
  readonly lostNotWritten: (error: unknown) => void
  readonly ratesFailed: (error: unknown) => void
  readonly joinBudgetFailed: SharedJoinBudgetDeps['events']['joinBudgetFailed']
}

export function createSharingEvents(log: Logger, meters: Meters): SharingEvents {
  const throttle = createThrottle(TELL_INTERVAL_MS)
  return {
    fleetChanged: (replicas) => log.info({ replicas }, 'fleet changed'),
    channelsMoved({ claimed, released }) {
      meters.count('channelsClaimed', claimed)
      meters.count('channelsReleased', released)
      log.info({ claimed, released }, 'channels moved')
    },
    slotTaken: (from, durationMs) => meters.slotTaken(from, durationMs),
    evicted() {
      meters.count('evictions')
      log.warn('others had taken this replica for dead')
    },
    superseded: () =>
      log.error({ advice: SUPERSEDED_ADVICE }, 'a later process runs as this replica'),
    cutOff(isCutOff) {
      if (isCutOff) log.warn('twitch does not answer, leaving the channels to others')
      else log.info('twitch answers again')
    },
    beatFailed(err) {
      meters.count('beatFailures')
      throttle('beat', () => log.warn({ err }, 'heartbeat failed'))
    },
    lostNotWritten(err) {
      throttle('lost', () => log.warn({ err }, 'lost replica not recorded yet'))
    },
    replicaLost: ({ replica, run, coveredMs, slots }) =>
      log.warn({ replica, run, coveredMs, slots: slots.length }, 'replica lost'),
    handedOver: (leftChannels) => log.info({ leftChannels }, 'channels handed over'),
    joinBudgetFailed(err) {
      throttle('joins', () => log.warn({ err }, 'joins not counted in redis, going by our share'))
    },
    ratesFailed(err) {
      throttle('rates', () => log.warn({ err }, 'rates of channels not shared'))
    },
  }
}

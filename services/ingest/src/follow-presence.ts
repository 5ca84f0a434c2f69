import type { PartCause } from '@poglog/log-format'
import type { Backfill } from './backfill.ts'
import type { Fleet } from './fleet.ts'
import type { Ledger } from './ledger.ts'
import type { Presence } from './pool-deps.ts'
import type { RedisClock } from './redis-clock.ts'

export interface FollowPresenceDeps {
  readonly ledger: Pick<Ledger, 'joined' | 'lost' | 'parted'>
  readonly fleet: Pick<Fleet, 'isLogged' | 'isHeldByOthers' | 'uncoveredSinceMs'>
  readonly clock: Pick<RedisClock, 'toRedisMs'>
  /** `undefined` without a service to ask. */
  readonly backfill: Pick<Backfill, 'ask'> | undefined
  /** Whether nobody ever joined the channel, as far as the registry knows. */
  readonly isNew: (login: string) => boolean
  readonly isStopping: () => boolean
}

/**
 * Follows the channels of the pool as they come and go: writes it into the coverage ledger, and asks a recent-messages
 * service for what nobody received meanwhile.
 */
export function followPresence(deps: FollowPresenceDeps): Presence {
  const { ledger, fleet, clock, backfill, isNew, isStopping } = deps
  /** Login -> until when, in Redis time, this replica received it. */
  const lostMs = new Map<string, number>()
  const missedFrom = (login: string): number | 'nothing' | 'everything' => {
    if (fleet.isHeldByOthers(login)) return 'nothing'
    return (
      lostMs.get(login) ??
      fleet.uncoveredSinceMs(login) ??
      (isNew(login) ? 'everything' : 'nothing')
    )
  }
  const partCause = (login: string): PartCause => {
    if (isStopping()) return 'stopped'
    return fleet.isLogged(login) ? 'moved' : 'removed'
  }
  return {
    joined(login, atMs) {
      ledger.joined(login, atMs)
      const from = missedFrom(login)
      lostMs.delete(login)
      if (from === 'nothing') return
      const fromMs = from === 'everything' ? undefined : from
      backfill?.ask({ login, fromMs, toMs: clock.toRedisMs(atMs) })
    },
    lost(login, coveredMs, cause) {
      ledger.lost(login, coveredMs, cause)
      lostMs.set(login, clock.toRedisMs(coveredMs))
    },
    parted(login, coveredMs) {
      ledger.parted(login, coveredMs, partCause(login))
      lostMs.delete(login)
    },
  }
}

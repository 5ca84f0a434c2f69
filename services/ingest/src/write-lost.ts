import { setTimeout as delay } from 'node:timers/promises'
import type { LostReplica } from '@poglog/hot-store'
import type { LedgerChannel } from '@poglog/log-format'

const ROOM_POLL_MS = 1000
const STORED_POLL_MS = 100

export interface WriteLostDeps {
  readonly ledger: {
    readonly lostReplica: (lost: LostReplica, channels: readonly LedgerChannel[]) => boolean
  }
  readonly channelsOf: (slot: number) => readonly string[]
  readonly channelIdOf: (login: string) => string | undefined
  /** Monotonic; every record offered before is stored. */
  readonly storedUntilMs: () => number
  readonly nowMs: () => number
  readonly signal: AbortSignal
}

/**
 * Writes into the coverage ledger that a dead replica received nothing more, for every channel it may have been in, and
 * resolves once that is stored. Doing it again, here or elsewhere, changes nothing. A channel without an id was never
 * joined by anybody.
 *
 * @throws the signal's reason: it is not known what is stored.
 */
export async function writeLost(lost: LostReplica, deps: WriteLostDeps): Promise<void> {
  const { ledger, channelsOf, channelIdOf, storedUntilMs, nowMs, signal } = deps
  const channels = lost.slots.flatMap(channelsOf).flatMap((login) => {
    const channelId = channelIdOf(login)
    return channelId === undefined ? [] : [{ login, channelId }]
  })
  while (!ledger.lostReplica(lost, channels)) await delay(ROOM_POLL_MS, undefined, { signal })
  const offeredMs = nowMs()
  while (storedUntilMs() < offeredMs) await delay(STORED_POLL_MS, undefined, { signal })
}

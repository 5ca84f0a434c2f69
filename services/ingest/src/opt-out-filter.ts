import type { AppendLine, HotStore, OptOuts } from '@poglog/hot-store'

export interface OptOutFilterEvents {
  /** Lines that were not stored because their user or channel has opted out. No gap: nothing is missed. */
  readonly optedOut: (lines: number) => void
}

type Whose = Pick<AppendLine, 'channelId' | 'userId' | 'type'>

/**
 * Keeps lines of who has opted out from being stored (P1), by what Redis said last. Before Redis was reached it knows of
 * nobody: lines that wait on disk are looked at again on their way to Redis.
 */
export class OptOutFilter {
  readonly #events: OptOutFilterEvents
  #optOuts: OptOuts = { users: new Set(), channels: new Set() }
  #isKnown = false

  constructor(events: OptOutFilterEvents) {
    this.#events = events
  }

  /** Asks who has opted out. @throws {HotStoreError} what was known stays. */
  async refresh({ optOuts }: Pick<HotStore, 'optOuts'>): Promise<void> {
    this.#optOuts = await optOuts.view()
    this.#isKnown = true
  }

  /** Asks where that was never answered, so that nothing goes to Redis before. Fails as {@link refresh} does. */
  async learn(store: Pick<HotStore, 'optOuts'> | undefined): Promise<void> {
    if (store !== undefined && !this.#isKnown) await this.refresh(store)
  }

  isChannelOut(channelId: string | undefined): boolean {
    return channelId !== undefined && this.#optOuts.channels.has(channelId)
  }

  /** Those lines that may be stored. */
  keep<Line extends Whose>(lines: readonly Line[]): readonly Line[] {
    const { users, channels } = this.#optOuts
    if (users.size === 0 && channels.size === 0) return lines
    const kept = lines.filter((line) => this.#isKept(line))
    if (kept.length < lines.length) this.#events.optedOut(lines.length - kept.length)
    return kept
  }

  /** The ledger tells of our own presence, and goes on when a channel opts in again. */
  #isKept({ type, userId, channelId }: Whose): boolean {
    if (type === 'PRESENCE' || type === 'GAP') return true
    return !this.#optOuts.users.has(userId) && !this.#optOuts.channels.has(channelId)
  }
}

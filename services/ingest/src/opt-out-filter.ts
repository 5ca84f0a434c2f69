import type { AppendLine, OptOuts } from '@poglog/hot-store'

export interface OptOutFilterEvents {
  /** Lines that were not stored because their user or channel has opted out. No gap: nothing is missed. */
  readonly optedOut: (lines: number) => void
}

/** Where it is asked. */
interface OptOutSource {
  readonly optOuts: { readonly view: () => Promise<OptOuts> }
}

type Whose = Pick<AppendLine, 'channelId' | 'userId' | 'type'>

/**
 * Keeps lines of who has opted out from being stored (P1), by what Redis said last. Before Redis was reached it knows of
 * nobody: lines that wait on disk are looked at again on their way to Redis.
 */
export class OptOutFilter {
  readonly #events: OptOutFilterEvents
  #optOuts: OptOuts = { users: new Set(), channels: new Set() }
  #learnt: Promise<void> | undefined

  constructor(events: OptOutFilterEvents) {
    this.#events = events
  }

  /** Asks who has opted out. @throws {HotStoreError} what was known stays. */
  async refresh({ optOuts }: OptOutSource): Promise<void> {
    this.#optOuts = await optOuts.view()
  }

  /**
   * Asks where that was never answered, so that nothing goes to Redis before. Fails as {@link refresh} does. Who calls it
   * first goes on first: all wait for one answer, so that batches stay in order.
   */
  async learn(store: OptOutSource | undefined): Promise<void> {
    if (store === undefined) return
    this.#learnt ??= this.#learn(store)
    await this.#learnt
  }

  async #learn(store: OptOutSource): Promise<void> {
    try {
      await this.refresh(store)
    } catch (error) {
      this.#learnt = undefined
      throw error
    }
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

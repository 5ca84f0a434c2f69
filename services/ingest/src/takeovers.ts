/** Who received a slot's channels when it became this replica's: others, who hand it over, or nobody. */
export type TakenFrom = 'replica' | 'nobody'

interface Takeover {
  readonly from: TakenFrom
  readonly sinceMs: number
}

/** Times how long it takes from a slot becoming this replica's until it holds it: of a hand-over, what the others wait for. */
export class Takeovers {
  readonly #begun = new Map<number, Takeover>()

  /** Slots are this replica's from now on, unless they are so already. */
  begin(slots: Iterable<number>, isHandedOver: (slot: number) => boolean, nowMs: number): void {
    for (const slot of slots) {
      if (this.#begun.has(slot)) continue
      this.#begun.set(slot, { from: isHandedOver(slot) ? 'replica' : 'nobody', sinceMs: nowMs })
    }
  }

  /** Forgets slots that have become somebody else's again. */
  keep(ours: ReadonlySet<number>): void {
    for (const slot of this.#begun.keys()) if (!ours.has(slot)) this.#begun.delete(slot)
  }

  /** The slot is held. @returns `undefined` where it has been before. */
  end(slot: number): Takeover | undefined {
    const takeover = this.#begun.get(slot)
    this.#begun.delete(slot)
    return takeover
  }
}

import { ingestSlotOf } from '@poglog/hot-store'
import type { LostReplica } from '@poglog/hot-store'

export interface LostReplicasDeps {
  /** Writes the LOST records of a dead replica; resolves when they are stored. */
  readonly write: (lost: LostReplica) => Promise<void>
  readonly forget: (lost: LostReplica) => Promise<void>
  readonly events: {
    readonly replicaLost: (lost: LostReplica) => void
    readonly lostNotWritten: (error: unknown) => void
  }
}

/** Sees to it that what dead replicas no longer received is written down, once. */
export class LostReplicas {
  readonly #deps: LostReplicasDeps
  readonly #writing = new Set<string>()

  constructor(deps: LostReplicasDeps) {
    this.#deps = deps
  }

  /**
   * Takes the dead that nobody has written down yet. One of the living does it; should it die too, their list picks another.
   *
   * @param living ids of all replicas that are alive, in any order.
   */
  take(all: readonly LostReplica[], self: string, living: readonly string[]): void {
    const ids = living.toSorted()
    for (const lost of all) {
      const name = `${lost.replica} ${lost.run}`
      if (ids[ingestSlotOf(name) % ids.length] === self) void this.#bury(lost, name)
    }
  }

  async #bury(lost: LostReplica, name: string): Promise<void> {
    const { write, forget, events } = this.#deps
    if (this.#writing.has(name)) return
    this.#writing.add(name)
    events.replicaLost(lost)
    try {
      await write(lost)
      await forget(lost)
    } catch (error) {
      events.lostNotWritten(error) // It stays on the list: done again at the next heartbeat.
    }
    this.#writing.delete(name)
  }
}

import type { ChannelEntry } from './channel-entry.ts'

export interface DueJoinsOptions {
  /** So many channels may be asked for, joined ones included. */
  readonly channelsMax: number
  readonly priorityOf: (login: string) => number
  readonly nowMs: number
}

/** The joins that are due now: what was lost, or is about to be, comes first; then the busiest. */
export class DueJoins {
  readonly #options: DueJoinsOptions
  readonly #due: readonly ChannelEntry[]
  /** How many channels may be asked for that hold no place yet. */
  readonly #places: number
  #queue: ChannelEntry[] | undefined
  #left: number

  constructor(entries: readonly ChannelEntry[], options: DueJoinsOptions) {
    this.#options = options
    this.#due = entries.filter((entry) => entry.isDue(options.nowMs))
    const taken = entries.filter(holdsPlace).length
    this.#places = Math.max(0, options.channelsMax - taken)
    const moves = this.#due.filter(holdsPlace).length
    this.#left = moves + Math.min(this.#due.length - moves, this.#places)
  }

  /** How many are left to be taken. */
  get count(): number {
    return this.#left
  }

  /** Takes the first `count`. Sorts only now: most of the time the join budget allows none. */
  take(count: number): ChannelEntry[] {
    if (count === 0) return []
    this.#queue ??= this.#sort()
    this.#left -= count
    return this.#queue.splice(0, count)
  }

  #sort(): ChannelEntry[] {
    const { priorityOf } = this.#options
    const inOrder = this.#due
      .map((entry) => ({ entry, priority: priorityOf(entry.login) }))
      .toSorted(
        (a, b) => Number(b.entry.isLost) - Number(a.entry.isLost) || b.priority - a.priority,
      )
      .map(({ entry }) => entry)
    let places = this.#places
    return inOrder.filter((entry) => {
      if (holdsPlace(entry)) return true
      places -= 1
      return places >= 0
    })
  }
}

/** Is asked for, or received. */
function holdsPlace({ state, isReceiving }: ChannelEntry): boolean {
  return state === 'joining' || isReceiving
}

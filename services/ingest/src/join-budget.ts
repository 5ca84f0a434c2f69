/** Who may join how many channels now. */
export interface JoinBudget {
  /** Takes up to `wanted` joins and returns how many were granted. */
  readonly take: (wanted: number) => number
}

export interface JoinBudgetOptions {
  /** May change from call to call. */
  readonly joinsMax: () => number
  readonly windowMs: number
  readonly nowMs: () => number
}

/**
 * At most `joinsMax` joins in any `windowMs`, also across the edge of two windows: a bucket that fills
 * up steadily would allow nearly twice as many.
 */
export class LocalJoinBudget implements JoinBudget {
  readonly #options: JoinBudgetOptions
  readonly #takenAtMs: number[] = []

  constructor(options: JoinBudgetOptions) {
    this.#options = options
  }

  take(wanted: number): number {
    const granted = Math.min(wanted, this.left())
    this.note(granted)
    return granted
  }

  /** How many would be granted now. */
  left(): number {
    const { joinsMax, windowMs, nowMs } = this.#options
    const now = nowMs()
    const oldest = this.#takenAtMs.findIndex((atMs) => now - atMs < windowMs)
    this.#takenAtMs.splice(0, oldest === -1 ? this.#takenAtMs.length : oldest)
    return Math.max(0, joinsMax() - this.#takenAtMs.length)
  }

  /** Counts joins that were granted elsewhere. */
  note(joins: number): void {
    const now = this.#options.nowMs()
    for (let index = 0; index < joins; index += 1) this.#takenAtMs.push(now)
  }
}

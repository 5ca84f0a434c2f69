const TURN_MS = 10
/** After a pause nothing is caught up: that many ms of lines may go at once. */
const BURST_MS = 50

/** Keeps to a number of lines per second, in turns of 10 ms. */
export class Pace {
  readonly #linesPerMs: number
  #allowance = 0
  #filledMs = performance.now()

  readonly #isStopped: () => boolean

  constructor(rate: number | 'max', isStopped: () => boolean) {
    this.#isStopped = isStopped
    this.#linesPerMs = rate === 'max' ? Infinity : rate / 1000
  }

  /** Takes one line from the allowance; false: wait for {@link next} first. */
  take(): boolean {
    if (this.#linesPerMs === Infinity) return true
    if (this.#allowance < 1) return false
    this.#allowance--
    return true
  }

  /** Resolves when the next line may go, and takes it; at once when the replay has been stopped. */
  async next(): Promise<void> {
    while (!this.#isStopped()) {
      this.#refill()
      if (this.take()) return
      await new Promise((resolve) => setTimeout(resolve, TURN_MS))
    }
  }

  /** Forgets the time that has passed: a pause is not made good by a burst. */
  restart(): void {
    this.#filledMs = performance.now()
  }

  #refill(): void {
    const nowMs = performance.now()
    const earned = (nowMs - this.#filledMs) * this.#linesPerMs
    this.#allowance = Math.min(this.#allowance + earned, Math.max(1, BURST_MS * this.#linesPerMs))
    this.#filledMs = nowMs
  }
}

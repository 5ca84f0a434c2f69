/**
 * The time up to which everything is stored of every channel that was received at that time. It never
 * goes back: a channel that comes later was not received then, and one whose reception ended has a
 * record of that. Monotonic milliseconds.
 */
export class Coverage {
  #claimMs: number | undefined
  #ended: { readonly coveredMs: number; readonly atMs: number } | undefined

  /**
   * The reception of a channel ended. Until the record that says so is stored, which is written now, the
   * time stays where that channel's did: whoever finds this process dead knows nothing else.
   */
  ended(coveredMs: number, atMs: number): void {
    const earlierMs = this.#ended?.coveredMs ?? coveredMs
    this.#ended = { coveredMs: Math.min(coveredMs, earlierMs), atMs }
  }

  /** Takes the least covered time of what is received now. */
  claim(leastMs: number, storedUntilMs: number): number {
    if (this.#ended !== undefined && this.#ended.atMs < storedUntilMs) this.#ended = undefined
    const nowMs = Math.min(leastMs, storedUntilMs, this.#ended?.coveredMs ?? leastMs)
    this.#claimMs = Math.max(nowMs, this.#claimMs ?? nowMs)
    return this.#claimMs
  }
}

/** Lets a bounded number of callers in at once. */
export class Gate {
  readonly #max: number
  #inside = 0

  constructor(max: number) {
    this.#max = max
  }

  get isEmpty(): boolean {
    return this.#inside === 0
  }

  /** @returns what to call when done (calling it again does nothing), or `undefined` when all places are taken. */
  tryEnter(): (() => void) | undefined {
    if (this.#inside >= this.#max) return undefined
    this.#inside += 1
    let isInside = true
    return () => {
      if (isInside) this.#inside -= 1
      isInside = false
    }
  }
}

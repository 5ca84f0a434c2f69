/** Lets one loop sleep until there may be something to do. A call between two sleeps is not lost. */
export class WakeUp {
  #isCalled = false
  #wake: (() => void) | undefined

  call(): void {
    this.#isCalled = true
    this.#wake?.()
  }

  /** Resolves at the next {@link WakeUp.call}, at once if there was one since the last sleep, or after `maxMs`. */
  async sleep(maxMs?: number): Promise<void> {
    if (!this.#isCalled) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = maxMs === undefined ? undefined : setTimeout(resolve, maxMs)
      await promise
      clearTimeout(timer)
      this.#wake = undefined
    }
    this.#isCalled = false
  }
}

/** The most events within any window of a length. */
export class SlidingWindow {
  readonly #windowMs: number
  readonly #atMs: number[] = []
  most = 0
  total = 0

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  add(nowMs: number): void {
    this.total += 1
    this.#atMs.push(nowMs)
    while ((this.#atMs[0] ?? nowMs) <= nowMs - this.#windowMs) this.#atMs.shift()
    this.most = Math.max(this.most, this.#atMs.length)
  }
}

import { SEEN_MARKS_MAX } from './progress.ts'
import type { Progress } from './progress.ts'

/** What is remembered in memory; an id holds fewer. */
const MARKS_MAX = 10_000

/** What a listener was given of late: everything that arrived before a time, and of what came since, some. */
export class Recent {
  /** Mark -> arrival, in the order in which they were given. */
  readonly #marks = new Map<string, number>()
  #fromMs: number

  constructor(fromMs: number) {
    this.#fromMs = fromMs
  }

  /** Everything that arrived before was given. */
  get fromMs(): number {
    return this.#fromMs
  }

  has(mark: string): boolean {
    return this.#marks.has(mark)
  }

  add(mark: string, arrivedMs: number): void {
    this.#marks.set(mark, arrivedMs)
    if (this.#marks.size <= MARKS_MAX) return
    const [oldest = mark] = this.#marks.keys()
    this.#marks.delete(oldest)
  }

  /** Says that everything that arrived before `fromMs` was given. */
  advance(fromMs: number): void {
    if (fromMs <= this.#fromMs) return
    this.#fromMs = fromMs
    for (const [mark, arrivedMs] of this.#marks) {
      if (arrivedMs < fromMs) this.#marks.delete(mark)
    }
  }

  /**
   * Where the listener has got to. Of more marks than an id holds the last ones are in it: who comes back with it may be
   * given others again, and misses none.
   */
  get progress(): Progress {
    const marks = [...this.#marks.keys()]
    return { arrivedMs: this.#fromMs, seen: marks.slice(-SEEN_MARKS_MAX) }
  }
}

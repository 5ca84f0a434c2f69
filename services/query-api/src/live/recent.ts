import { SEEN_MARKS_MAX } from './progress.ts'
import type { Progress } from './progress.ts'

/** What is remembered in memory; an id holds fewer. */
const MARKS_MAX = 10_000
/** For how long beyond what an id needs: a clock may step back so far and nothing is given twice to who stays. */
const CLOCK_STEP_MS = 60_000

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
      if (arrivedMs < fromMs - CLOCK_STEP_MS) this.#marks.delete(mark)
    }
  }

  /** Says that a clock has stepped back, so that something may still arrive at or after `fromMs`. */
  retreat(fromMs: number): void {
    this.#fromMs = Math.min(this.#fromMs, fromMs)
  }

  /**
   * Where the listener has got to. Of more marks than an id holds the last ones are in it: who comes back with it may be
   * given others again, and misses none.
   */
  get progress(): Progress {
    const arrivedMs = this.#fromMs
    const marks = [...this.#marks].filter(([, markMs]) => markMs >= arrivedMs)
    return { arrivedMs, seen: marks.slice(-SEEN_MARKS_MAX).map(([mark]) => mark) }
  }
}

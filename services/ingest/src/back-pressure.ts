import type { ByteBudget } from './byte-budget.ts'

/** A pause for a burst. Twitch cuts off who does not read, but not within a second. */
const BURST_PAUSE_MS_MAX = 1000
/** A pause because there is no room left. Longer, as reading on would lose lines for certain. */
const FULL_PAUSE_MS_MAX = 10_000
const POLL_MS = 20

export interface BackPressureDeps {
  readonly buffer: ByteBudget
  readonly reader: { readonly pause: () => void; readonly resume: () => void }
  /** Makes room in the buffer by writing to disk. */
  readonly relieve: () => void
  readonly events: { readonly readingPaused: (cause: PauseCause) => void }
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number
}

/** `burst`: Redis is slower than the lines come. `full`: the disk is too. */
export type PauseCause = 'burst' | 'full'

/**
 * - `flowing`: Redis keeps up.
 * - `burst`: reading pauses, so that a short burst needs no disk.
 * - `relieved`: that was not enough; what waits goes to disk, reading goes on.
 * - `full`: the disk does not keep up either; reading pauses again.
 * - `overflow`: that was not enough; lines are read and, where there is no room, dropped.
 */
type State = 'flowing' | 'burst' | 'relieved' | 'full' | 'overflow'

/** Pauses reading when lines come faster than they can be brought away, for a bounded time. */
export class BackPressure {
  readonly #deps: BackPressureDeps
  #state: State = 'flowing'
  #pausedAtMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(deps: BackPressureDeps) {
    this.#deps = deps
  }

  /** Call it after lines were taken. */
  check(): void {
    const { buffer, relieve } = this.#deps
    const next = this.#next(buffer.usedBytes / buffer.maxBytes)
    if (next !== this.#state) this.#enter(next)
    if (next === 'relieved' && buffer.usedBytes >= buffer.maxBytes / 8) relieve()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #next(fill: number): State {
    const pausedMs = this.#deps.nowMs() - this.#pausedAtMs
    if (fill <= 1 / 16) return 'flowing'
    switch (this.#state) {
      case 'flowing':
        return fill >= 1 / 8 ? 'burst' : 'flowing'
      case 'burst':
        return pausedMs >= BURST_PAUSE_MS_MAX ? 'relieved' : 'burst'
      case 'relieved':
        return fill >= 3 / 4 ? 'full' : 'relieved'
      case 'full':
        if (fill <= 1 / 2) return 'relieved'
        return pausedMs >= FULL_PAUSE_MS_MAX ? 'overflow' : 'full'
      case 'overflow':
        return fill <= 1 / 2 ? 'relieved' : 'overflow'
    }
  }

  #enter(state: State): void {
    const { reader, events, nowMs } = this.#deps
    const wasPaused = isPause(this.#state)
    this.#state = state
    if (isPause(state)) {
      this.#pausedAtMs = nowMs()
      this.#timer ??= setInterval(() => this.check(), POLL_MS)
      reader.pause()
      events.readingPaused(state)
    } else if (wasPaused) {
      this.stop()
      reader.resume()
    }
  }
}

function isPause(state: State): state is PauseCause {
  return state === 'burst' || state === 'full'
}

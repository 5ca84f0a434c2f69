import type { ByteBudget } from './byte-budget.ts'

/** Twitch cuts off a reader that is slow for long; the kernel's buffers hide about this much. */
const PAUSE_MS_MAX = 1000
const POLL_MS = 20

export interface BackPressureDeps {
  readonly buffer: ByteBudget
  readonly reader: { readonly pause: () => void; readonly resume: () => void }
  /** Makes room in the buffer by writing to disk. */
  readonly relieve: () => void
  readonly events: { readonly readingPaused: () => void }
  readonly nowMs: () => number
}

/**
 * When Redis takes lines more slowly than they come, reading pauses, at most one second at a time: a
 * short burst needs no disk. If that was not enough the buffer goes to the spool, and reading does not
 * pause again before the buffer is nearly empty.
 */
export class BackPressure {
  readonly #deps: BackPressureDeps
  readonly #highBytes: number
  readonly #lowBytes: number
  #state: 'flowing' | 'paused' | 'exhausted' = 'flowing'
  #pausedAtMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(deps: BackPressureDeps) {
    this.#deps = deps
    this.#highBytes = deps.buffer.maxBytes / 8
    this.#lowBytes = deps.buffer.maxBytes / 16
  }

  /** Call it after lines were taken. */
  check(): void {
    const { buffer, reader, relieve, events, nowMs } = this.#deps
    const { usedBytes } = buffer
    if (usedBytes <= this.#lowBytes) {
      if (this.#state === 'paused') reader.resume()
      this.#set('flowing')
    } else if (this.#state === 'paused' && nowMs() - this.#pausedAtMs >= PAUSE_MS_MAX) {
      this.#set('exhausted')
      reader.resume()
      relieve()
    } else if (this.#state === 'flowing' && usedBytes >= this.#highBytes) {
      this.#set('paused')
      this.#pausedAtMs = nowMs()
      reader.pause()
      events.readingPaused()
    } else if (this.#state === 'exhausted' && usedBytes >= this.#highBytes) relieve()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #set(state: 'flowing' | 'paused' | 'exhausted'): void {
    this.#state = state
    if (state === 'paused') this.#timer ??= setInterval(() => this.check(), POLL_MS)
    else this.stop()
  }
}

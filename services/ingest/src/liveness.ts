/** A check that comes so much later than the one before means that this process stood still, not the peer. */
const STANDSTILL_MS = 3000

export interface LivenessOptions {
  /** Silence after which the peer is asked. */
  readonly pingAfterMs: number
  /** Silence after which the socket is half open and must be ended. */
  readonly endAfterMs: number
  readonly nowMs: () => number
}

/**
 * Finds a peer that has gone without a goodbye: TCP alone takes a quarter of an hour, and tmi.js does
 * not come back from it on Node's WebSocket. Any data counts as life.
 */
export class Liveness {
  readonly #options: LivenessOptions
  #dataAtMs: number
  #checkedAtMs: number
  #isAsked = false

  constructor(options: LivenessOptions) {
    this.#options = options
    this.#dataAtMs = options.nowMs()
    this.#checkedAtMs = this.#dataAtMs
  }

  /** Something came from the peer, or is known to wait in the socket. */
  data(): void {
    this.#dataAtMs = this.#options.nowMs()
    this.#isAsked = false
  }

  /** Says what to do now. Call it about once a second. `ping` comes once a silence. */
  check(): 'nothing' | 'ping' | 'end' {
    const { pingAfterMs, endAfterMs, nowMs } = this.#options
    const now = nowMs()
    const sinceCheckMs = now - this.#checkedAtMs
    this.#checkedAtMs = now
    // What came meanwhile is still unread in the socket.
    if (sinceCheckMs > STANDSTILL_MS) this.#dataAtMs += sinceCheckMs
    const silenceMs = now - this.#dataAtMs
    if (silenceMs >= endAfterMs) return 'end'
    if (silenceMs < pingAfterMs || this.#isAsked) return 'nothing'
    this.#isAsked = true
    return 'ping'
  }
}

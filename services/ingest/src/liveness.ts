/** A check that comes so much later than the one before means that this process stood still, not the peer. */
const STANDSTILL_MS = 3000

export interface LivenessOptions {
  /** A PING without an answer for so long makes a peer suspect. */
  readonly pongMsMax: number
  /** Silence after which the socket is half open and must be ended. */
  readonly silenceMsMax: number
  readonly nowMs: () => number
}

/**
 * Finds a peer that has gone without a goodbye: TCP alone takes a quarter of an hour, and tmi.js does
 * not come back from it on Node's WebSocket. Any data counts against silence, only a PONG against suspicion.
 */
export class Liveness {
  readonly #options: LivenessOptions
  #dataAtMs: number
  #excusedAtMs: number
  #checkedAtMs: number

  constructor(options: LivenessOptions) {
    this.#options = options
    this.#dataAtMs = options.nowMs()
    this.#excusedAtMs = this.#dataAtMs
    this.#checkedAtMs = this.#dataAtMs
  }

  /** When something came from the peer, or was excused, last. */
  get heardMs(): number {
    return this.#dataAtMs
  }

  /** Something came from the peer. */
  data(): void {
    this.#dataAtMs = this.#options.nowMs()
  }

  /** Nothing was read up to now; what came meanwhile is still unread in the socket. */
  excuse(): void {
    this.#excusedAtMs = this.#options.nowMs()
    this.#dataAtMs = this.#excusedAtMs
  }

  /**
   * Says what the peer is now. Call it several times a second.
   *
   * @param waitingSinceMs when the oldest PING without an answer was sent.
   */
  check(waitingSinceMs: number | undefined): 'alive' | 'suspect' | 'gone' {
    const { pongMsMax, silenceMsMax, nowMs } = this.#options
    const now = nowMs()
    const sinceCheckMs = now - this.#checkedAtMs
    this.#checkedAtMs = now
    if (sinceCheckMs > Math.min(STANDSTILL_MS, pongMsMax / 2)) this.excuse()
    if (now - this.#dataAtMs >= silenceMsMax) return 'gone'
    if (waitingSinceMs === undefined) return 'alive'
    const waitedMs = now - Math.max(waitingSinceMs, this.#excusedAtMs)
    return waitedMs >= pongMsMax ? 'suspect' : 'alive'
  }
}

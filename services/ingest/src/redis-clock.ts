const SAMPLES_MAX = 5

/**
 * Tells Redis time for instants of this process: the clocks of replicas differ, and step. Learns from calls whose answer
 * carries Redis time, and believes that of the last few which took least. Before the first one it is the local clock.
 */
export class RedisClock {
  readonly #samples: { readonly offsetMs: number; readonly tookMs: number }[] = []
  #offsetMs = Date.now() - performance.now()

  /** Redis said `redisMs` between two instants of `performance.now()`. */
  learn(redisMs: number, sentMs: number, receivedMs: number): void {
    const offsetMs = redisMs - (sentMs + receivedMs) / 2
    this.#samples.push({ offsetMs, tookMs: receivedMs - sentMs })
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift()
    const [best] = this.#samples.toSorted((left, right) => left.tookMs - right.tookMs)
    this.#offsetMs = best?.offsetMs ?? offsetMs
  }

  /** Milliseconds since the Unix epoch as Redis counts them, for an instant of `performance.now()`. */
  toRedisMs(monotonicMs: number): number {
    return Math.round(monotonicMs + this.#offsetMs)
  }

  /** The other way round. */
  toMonotonicMs(redisMs: number): number {
    return redisMs - this.#offsetMs
  }
}

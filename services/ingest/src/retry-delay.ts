export interface RetryDelayOptions {
  /** The first delay, before jitter. */
  readonly firstMs: number
  readonly maxMs: number
  /** 0 (inclusive) to 1 (exclusive). Default `Math.random`. */
  readonly random?: () => number
}

/** How long to wait before attempt `failures + 1`: doubled each time, of which half is random. */
export function retryDelayMs(failures: number, options: RetryDelayOptions): number {
  const { firstMs, maxMs, random = Math.random } = options
  // 2 ** 30 times any first delay is beyond every maximum; more would overflow to Infinity.
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30))
  return fullMs / 2 + (random() * fullMs) / 2
}

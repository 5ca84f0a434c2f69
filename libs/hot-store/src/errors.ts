/**
 * What the caller can do about a failed call.
 *
 * - `unavailable`: Redis is away, loading, failing over, too slow, or has too few replicas. Whether the call took
 *   effect is unknown; every call of this package is safe to repeat, so retry with backoff.
 * - `full`: Redis is at its memory limit or its disk is full. Nothing was written. Seal and trim, or give it more.
 * - `misconfigured`: version, eviction policy, credentials or data format; an operator must act, retrying cannot help.
 * - `invalid`: an id, line or range that must not reach Redis. Nothing was sent; a bug or hostile input.
 * - `corrupt`: Redis holds a value that this package did not write. An operator must look; nothing was changed.
 */
export type HotStoreErrorKind = 'unavailable' | 'full' | 'misconfigured' | 'invalid' | 'corrupt'

/** The only error that crosses this package's boundary (beside the programming error of using a closed store). */
export class HotStoreError extends Error {
  override readonly name = 'HotStoreError'
  readonly kind: HotStoreErrorKind

  constructor(kind: HotStoreErrorKind, message: string, options?: ErrorOptions) {
    super(`hot store ${kind}: ${message}`, options)
    this.kind = kind
  }
}

/** Turns whatever ioredis or Redis threw into a {@link HotStoreError}; passes one through unchanged. */
export function toHotStoreError(cause: unknown): HotStoreError {
  if (cause instanceof HotStoreError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new HotStoreError(kindOf(message), message, { cause })
}

const FULL = /^OOM\b|^MISCONF\b.*(?:No space left|maxmemory)/s
const MISCONFIGURED = /^(?:NOAUTH|WRONGPASS|NOPERM|DENIED)\b|without any password configured/
const CORRUPT = /^WRONGTYPE\b|hash value is not an integer|^CORRUPT\b|: attempt to /

/**
 * Everything that is not known to be something else is `unavailable`: LOADING, READONLY, MISCONF, NOREPLICAS,
 * CLUSTERDOWN, MASTERDOWN, TRYAGAIN, BUSY, refused and closed connections, time-outs.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
function kindOf(message: string): HotStoreErrorKind {
  if (FULL.test(message)) return 'full'
  if (MISCONFIGURED.test(message)) return 'misconfigured'
  if (CORRUPT.test(message)) return 'corrupt'
  return 'unavailable'
}

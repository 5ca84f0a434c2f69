/**
 * What the caller can do about a failed store call.
 *
 * - `unavailable`: the outcome is unknown (also of a put or delete); retry later with backoff.
 * - `denied`: credentials, policy, a missing bucket or folder rights; an operator must act.
 * - `corrupt`: the bytes that came are not the bytes that were stored; keep the source and alert.
 * - `full`: the disk or quota has no room; nothing was stored. Free some, then retry.
 */
export type ObjectStoreErrorKind = 'unavailable' | 'denied' | 'corrupt' | 'full'

/** Says what failed, in addition to kind and key. */
export interface ObjectStoreErrorOptions extends ErrorOptions {
  readonly reason?: string | undefined
}

/**
 * Reports an operating failure of a store; the only error class that crosses this package's boundary.
 * A key or range that no caller may use is a programming error and throws a plain `Error`.
 */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError'
  readonly kind: ObjectStoreErrorKind
  /** The key (of a batch or listing: the first key or the prefix) the call was about. */
  readonly key: string

  constructor(kind: ObjectStoreErrorKind, key: string, options: ObjectStoreErrorOptions = {}) {
    const reason = options.reason === undefined ? '' : ` (${options.reason})`
    super(`object store ${kind}: ${key === '' ? 'all keys' : key}${reason}`, options)
    this.kind = kind
    this.key = key
  }
}

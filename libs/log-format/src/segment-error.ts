/**
 * What the caller can do about a segment that cannot be read.
 *
 * - `corrupt`: the bytes are not what was written (flipped, cut short, foreign). Never retry into
 *   other answers: alert, and restore or rebuild the object.
 * - `missing`: there is no such object. Take a new snapshot: it may have been compacted away.
 * - `unsupported`: a newer poglog wrote it. Update this one.
 */
export type SegmentErrorKind = 'corrupt' | 'missing' | 'unsupported'

/** The only error of this package that is about stored bytes. Nothing was changed when it is thrown. */
export class SegmentError extends Error {
  override readonly name = 'SegmentError'
  readonly kind: SegmentErrorKind
  readonly key: string

  constructor(kind: SegmentErrorKind, key: string, options: ErrorOptions & { detail: string }) {
    super(`segment ${kind}: ${key}: ${options.detail}`, options)
    this.kind = kind
    this.key = key
  }
}

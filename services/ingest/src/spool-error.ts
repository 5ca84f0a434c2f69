/**
 * Why lines could not be written. Nothing of them is in the spool; trying again later is safe.
 *
 * - `full`: the limit of the spool, or the disk, is reached.
 * - `unavailable`: any other error of the file system.
 */
export class SpoolError extends Error {
  override readonly name = 'SpoolError'
  readonly kind: 'full' | 'unavailable'

  constructor(kind: 'full' | 'unavailable', options?: ErrorOptions) {
    super(`spool ${kind}`, options)
    this.kind = kind
  }
}

/** Whether the file system said that it has no room: ENOSPC, or EDQUOT for a quota. */
export function isDiskFull(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOSPC' || error.code === 'EDQUOT')
  )
}

/**
 * What somebody can do about an answer that did not come.
 *
 * - `offline`: the server was not reached. `busy`: it says to come again. `failed`: it could not answer.
 * - `unknown`: it has never seen that channel or user. `opted-out`: it may not show them.
 * - `key`: an admin key is missing or wrong. `wrong`: the question is not one it takes.
 */
export type ApiErrorKind = 'offline' | 'busy' | 'failed' | 'unknown' | 'opted-out' | 'key' | 'wrong'

/** The only error of asking the API. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly kind: ApiErrorKind
  /** When to come again, in milliseconds from the answer, where the server said so. */
  readonly retryAfterMs: number | undefined

  constructor(
    kind: ApiErrorKind,
    message: string,
    options: ErrorOptions & { readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options)
    this.kind = kind
    this.retryAfterMs = options.retryAfterMs
  }
}

/** Whether asking again may help without anybody doing something. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ApiError && (error.kind === 'busy' || error.kind === 'offline')

/**
 * Why a Redis server could not be started.
 *
 * - `missing`: no `redis-server` program; the message says how to install it.
 * - `in-use`: a server runs on this folder already; the message names its process.
 * - `failed`: anything else; the message carries the end of its log.
 */
export type RedisServerErrorKind = 'missing' | 'in-use' | 'failed'

export class RedisServerError extends Error {
  override readonly name = 'RedisServerError'
  readonly kind: RedisServerErrorKind

  constructor(kind: RedisServerErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

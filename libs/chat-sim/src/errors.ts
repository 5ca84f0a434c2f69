/**
 * What is wrong.
 *
 * - `bad-file`: the file to replay is missing, unreadable, empty, or none of its lines has a channel.
 * - `bad-settings`: a setting is out of range; the message names it.
 * - `listen`: the port is taken or not allowed; the cause says which.
 */
export type ChatSimErrorKind = 'bad-file' | 'bad-settings' | 'listen'

/** The only error that crosses this package's boundary. Nothing is left running when it is thrown. */
export class ChatSimError extends Error {
  override readonly name = 'ChatSimError'
  readonly kind: ChatSimErrorKind

  constructor(kind: ChatSimErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

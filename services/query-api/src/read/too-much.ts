/** A question whose answer would take more memory than one may; its message says what to do. */
export class TooMuchError extends Error {
  override readonly name = 'TooMuchError'
}

/**
 * Ends waiting for a call when its signal aborts, with the signal's reason. The work itself must end
 * by its own means; what it still answers is dropped.
 */
export async function withSignal<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return await work()
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  // The reason is the caller's own value, whatever it is.
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(), aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** The same batches, or `undefined` when there are none; only the first is read ahead. */
export async function nonEmpty<T>(
  batches: AsyncGenerator<T>,
): Promise<AsyncGenerator<T> | undefined> {
  const first = await batches.next()
  if (first.done === true) return undefined
  return (async function* all() {
    yield first.value
    yield* batches
  })()
}

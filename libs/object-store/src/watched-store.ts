import type { ObjectStore } from './types.ts'

/** What a store is asked; a listing is one request, whatever number of pages it takes. */
export type StoreMethod = 'put' | 'get' | 'size' | 'list' | 'delete' | 'delete-many'

/** Told when a request begins; returns what is told when it ends, and of a get how many bytes came. */
export type OnStoreRequest = (
  method: StoreMethod,
) => (outcome: 'done' | 'failed', readBytes?: number) => void

/** The same store, and every request to it is told, to count or trace it. */
export function watchStore(store: ObjectStore, onRequest: OnStoreRequest): ObjectStore {
  const watched = async <T>(
    method: StoreMethod,
    request: () => Promise<T>,
    readBytes?: (answer: T) => number,
  ): Promise<T> => {
    const ended = onRequest(method)
    try {
      const answer = await request()
      ended('done', readBytes?.(answer))
      return answer
    } catch (error) {
      ended('failed')
      throw error
    }
  }
  return {
    put: (...args) => watched('put', () => store.put(...args)),
    get: (...args) =>
      watched(
        'get',
        () => store.get(...args),
        (bytes) => bytes?.length ?? 0,
      ),
    size: (...args) => watched('size', () => store.size(...args)),
    async *list(...args) {
      const ended = onRequest('list')
      let outcome: 'done' | 'failed' = 'failed'
      try {
        yield* store.list(...args)
        outcome = 'done'
      } finally {
        ended(outcome)
      }
    },
    delete: (...args) => watched('delete', () => store.delete(...args)),
    deleteMany: (...args) => watched('delete-many', () => store.deleteMany(...args)),
    close: () => store.close(),
  }
}

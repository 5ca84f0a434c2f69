import { AsyncLocalStorage } from 'node:async_hooks'
import { watchStore } from '@poglog/object-store'
import type { ObjectStore } from '@poglog/object-store'

/** What one query has asked the object store so far. */
export interface StoreRequests {
  count: number
}

const ofQuery = new AsyncLocalStorage<StoreRequests>()

/** Does work for a query: what the work asks a store of {@link countStoreRequests} counts among its requests. */
export function countFor<T>(requests: StoreRequests, work: () => T): T {
  return ofQuery.run(requests, work)
}

/** The same store, and each request counts for the query that makes it, however many run. */
export function countStoreRequests(store: ObjectStore): ObjectStore {
  return watchStore(store, () => {
    const requests = ofQuery.getStore()
    if (requests !== undefined) requests.count += 1
    return nothing
  })
}

function nothing(): void {
  // How it ends is counted elsewhere.
}

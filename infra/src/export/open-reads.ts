import type { JobConfig } from '@poglog/archiver'
import { openHotStore } from '@poglog/hot-store'
import type { HotStore } from '@poglog/hot-store'
import { createFooterCache } from '@poglog/log-format'
import { openObjectStore } from '@poglog/object-store'
import { PageBoundsCache, READ_LIMITS } from '@poglog/query-api'
import type { ReadDeps } from '@poglog/query-api'

/** What the readers of the query API take, opened for one command. */
export interface Reads extends ReadDeps, AsyncDisposable {
  readonly hot: HotStore
}

export async function openReads(settings: JobConfig): Promise<Reads> {
  await using opening = new AsyncDisposableStack()
  const hot = await openHotStore(settings.redis)
  opening.defer(() => {
    hot.close()
  })
  const cold = await openObjectStore(settings.store)
  opening.defer(() => cold.close())
  const resources = opening.move()
  return {
    hot,
    cold,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: READ_LIMITS,
    // The reader leaves doubles out; the metric of the API is what tells of them.
    onEqualKeys: () => {},
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

import { LRUCache } from 'lru-cache'
import { arrivalOf, compareIds } from './stream-id.ts'

/** Pages of all channels together that are remembered; about 100 MB of memory. */
const PAGES_MAX = 500_000
/** Only pages that lie this far back are remembered, see {@link PageBoundsCache}. */
const SETTLED_MS = 30_000

/** A page of a channel's stream: the entries after `afterId` up to `lastId`, and their sent times. */
export interface PageBounds {
  readonly afterId: string
  readonly lastId: string
  readonly minMs: number
  readonly maxMs: number
}

export interface PageBoundsOptions {
  readonly settledMs?: number
  /** Told of every look for remembered pages. */
  readonly onLookUp?: (cache: 'page-bounds', outcome: 'hit' | 'miss') => void
}

/**
 * Remembers which sent times the pages of a channel's stream hold, so that a query reads only the
 * pages it needs: hot records lie in order of arrival, and without this every query had to see them all.
 *
 * Entries never change and never appear between others: an id is always beyond the stream's last. Only a
 * failover can take entries back and then give ids anew, at its own clock; so a page counts as settled
 * when it lies 30 s behind Redis' clock, far more than servers' clocks differ. Entries that are gone
 * (trimmed, erased) only make a page's bounds wider than they need be.
 */
export class PageBoundsCache {
  readonly #chains = new LRUCache<string, PageBounds[]>({
    maxSize: PAGES_MAX,
    sizeCalculation: (chain) => chain.length + 1,
  })

  readonly #settledMs: number
  readonly #onLookUp: PageBoundsOptions['onLookUp']

  constructor({ settledMs = SETTLED_MS, onLookUp }: PageBoundsOptions = {}) {
    this.#settledMs = settledMs
    this.#onLookUp = onLookUp
  }

  /** The remembered pages that begin at or after an id, each where the one before ends. */
  after(channelId: string, id: string): readonly PageBounds[] {
    const found = this.#after(channelId, id)
    this.#onLookUp?.('page-bounds', found.length === 0 ? 'miss' : 'hit')
    return found
  }

  /** Forgets the pages that begin before an id: they are cold. */
  forgetBefore(channelId: string, id: string): void {
    const chain = this.#chains.get(channelId)
    const first = chain?.[0]
    if (first === undefined || compareIds(first.afterId, id) >= 0) return
    this.#chains.set(channelId, [...this.#after(channelId, id)])
  }

  /** Remembers a full page that was just read; `nowMs` is Redis time of before the reading. */
  add(channelId: string, page: PageBounds, nowMs: number): void {
    if (arrivalOf(page.lastId) >= nowMs - this.#settledMs) return
    const chain = this.#chains.get(channelId) ?? []
    const last = chain.at(-1)
    if (last === undefined || compareIds(last.lastId, page.afterId) < 0) {
      this.#chains.set(channelId, [page])
    } else if (last.lastId === page.afterId) {
      this.#chains.set(channelId, [...chain, page])
    }
  }

  #after(channelId: string, id: string): readonly PageBounds[] {
    const chain = this.#chains.get(channelId) ?? []
    const from = chain.findIndex(({ afterId }) => compareIds(afterId, id) >= 0)
    return from === -1 ? [] : chain.slice(from)
  }
}

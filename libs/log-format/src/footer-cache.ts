import { LRUCache } from 'lru-cache'
import type { SegmentFooter } from './footer.ts'

const DEFAULT_BYTES_MAX = 67_108_864

/** Footers of segments already opened. Segments never change, so an entry is right for ever. */
export interface FooterCache {
  get(key: string): SegmentFooter | undefined
  set(key: string, footer: SegmentFooter): void
}

/** Makes a cache that holds about `bytesMax` bytes of footers, the least recently used leave first. */
export function createFooterCache(options: { readonly bytesMax?: number } = {}): FooterCache {
  const cache = new LRUCache<string, SegmentFooter>({
    maxSize: options.bytesMax ?? DEFAULT_BYTES_MAX,
    sizeCalculation: (footer) => footer.memoryBytes,
  })
  return {
    get: (key) => cache.get(key),
    set: (key, footer) => {
      cache.set(key, footer)
    },
  }
}

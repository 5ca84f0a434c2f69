import type { FooterCache } from '@poglog/log-format'
import type { Events } from '../events.ts'

/** The same cache, and every look-up is told. */
export function watchFooters(cache: FooterCache, onLookUp: Events['cacheLookedUp']): FooterCache {
  return {
    get(key) {
      const footer = cache.get(key)
      onLookUp('footers', footer === undefined ? 'miss' : 'hit')
      return footer
    },
    set: (key, footer) => cache.set(key, footer),
  }
}

import type { Freeze } from '@poglog/hot-store'
import { concurrently } from '../concurrently.ts'
import type { ArchiveDeps } from '../deps.ts'
import { WindowBuffer } from './window-buffer.ts'

/** Most entries a channel's page holds: 16 channels read at once stay below about 10 MB. */
const PAGE_ENTRIES = 1000

/**
 * Reads a frozen shard's entries from its boundary to the end of the first segment there is to write:
 * `cutMs` of what it returns, which may lie before the freeze's.
 *
 * @throws {HotStoreError} nothing was changed.
 */
export async function collectWindow(freeze: Freeze, deps: ArchiveDeps): Promise<WindowBuffer> {
  const { hot, limits, signal } = deps
  const window = new WindowBuffer(freeze.cutMs, limits)
  await concurrently(hot.channels(freeze.shard), {
    limit: limits.readConcurrency,
    work: async (channelId) => {
      const pages = hot.readRange({
        shard: freeze.shard,
        channelId,
        fromMs: freeze.boundaryMs,
        toMs: window.cutMs,
        maxEntries: PAGE_ENTRIES,
      })
      for await (const page of pages) {
        signal?.throwIfAborted()
        window.add(channelId, page)
        const last = page.at(-1)
        if (last !== undefined && last.receivedAtMs >= window.cutMs) return
      }
    },
  })
  return window
}

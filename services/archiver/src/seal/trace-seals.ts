import type { HotStore, SegmentEntry } from '@poglog/hot-store'
import type { Tracing } from '@poglog/service-kit'

/** What a window became, as far as traces tell it. */
interface SealedWindow {
  readonly shard: number
  readonly segment: SegmentEntry | undefined
  readonly boundaryMs: number
}

/**
 * Ends the traces of batches in the segments that their lines went to: each that ingest handed on gets a span that links to
 * the one that is running here, the job's.
 *
 * @throws {HotStoreError} then some traces end where ingest left them.
 */
export async function traceSeals(
  windows: readonly SealedWindow[],
  { hot, tracing }: { readonly hot: Pick<HotStore, 'traces'>; readonly tracing: Tracing },
): Promise<void> {
  if (!tracing.isOn) return
  for (const { shard, segment, boundaryMs } of windows) {
    const number = segment === undefined ? {} : { 'poglog.segment': segment.number }
    const attributes = { 'poglog.shard': shard, ...number }
    for (const parent of await hot.traces.take(shard, boundaryMs)) {
      tracing.open('sealed', { parent, attributes }).end('done')
    }
  }
}

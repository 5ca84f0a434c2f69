import type { SegmentEntry } from '@poglog/hot-store'
import { knownKeys } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import type { Run } from './run.ts'

export interface LookUpDeps extends Pick<ReadDeps, 'cold' | 'footers'> {
  readonly signal?: AbortSignal | undefined
}

/** A run without the records that by-channel segments have: same channel, sent time and key. */
export function withoutKnown(run: Run, segments: readonly SegmentEntry[], deps: LookUpDeps): Run {
  const near = segments.filter(
    ({ projection, sentMinMs, sentMaxMs }) =>
      projection === 'by-channel' && sentMinMs <= run.maxMs && sentMaxMs >= run.minMs,
  )
  if (near.length === 0) return run
  return {
    ...run,
    async *open(after) {
      for await (const batch of run.open(after)) {
        const known = await knownOf(batch, near, deps)
        const fresh = known.size === 0 ? batch : batch.filter((record) => !known.has(record))
        if (fresh.length > 0) yield fresh
      }
    },
  }
}

async function knownOf(
  batch: readonly LogRecord[],
  segments: readonly SegmentEntry[],
  { cold, footers, signal }: LookUpDeps,
): Promise<ReadonlySet<LogRecord>> {
  const known = new Set<LogRecord>()
  for (const { key, sizeBytes, sentMinMs, sentMaxMs } of segments) {
    const within = batch.filter(({ sentAtMs }) => sentAtMs >= sentMinMs && sentAtMs <= sentMaxMs)
    const source = { store: cold, key, sizeBytes }
    for (const layer of layersOfKeys(within)) {
      const found = await knownKeys(source, layer, { footers, signal })
      for (const record of layer) if (found.has(record.key)) known.add(record)
    }
  }
  return known
}

/** Groups in which no key occurs twice, nearly always one: an answer of keys then means one record each. */
function layersOfKeys(records: readonly LogRecord[]): LogRecord[][] {
  const layers: LogRecord[][] = []
  for (const same of Map.groupBy(records, ({ key }) => key).values()) {
    for (const [at, record] of same.entries()) (layers[at] ??= []).push(record)
  }
  return layers
}

import type { SegmentEntry } from '@poglog/hot-store'
import { SegmentError, knownKeys } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { LookUpDeps } from '../deps.ts'

/**
 * Drops the records that a committed segment already holds: a replay, a backfill, or a line that came
 * again after Redis had forgotten it. Only records whose sent time lies within that of a segment are
 * looked up, which for live chat are a few seconds' worth an hour.
 *
 * A segment that is damaged or gone does not stop the move: its records count as unknown. Readers
 * collapse equal records, so at worst one is stored twice. Not so where `isStrict` and the segment is covered: what is
 * stored then goes into words, which nobody collapses.
 *
 * @throws {ObjectStoreError} nothing was changed.
 * @throws {SegmentError} with `isStrict`, of a covered segment that cannot be read.
 */
export async function dropKnown(
  records: readonly LogRecord[],
  segments: readonly SegmentEntry[],
  { cold, events, signal, footers, isStrict = false }: LookUpDeps & { readonly isStrict?: boolean },
): Promise<readonly LogRecord[]> {
  const { fromMs, toMs } = sentRange(records)
  let left = records
  for (const segment of segments) {
    if (segment.projection !== 'by-channel') continue
    if (segment.sentMaxMs < fromMs || segment.sentMinMs > toMs) continue
    const candidates = left.filter(
      ({ sentAtMs }) => sentAtMs >= segment.sentMinMs && sentAtMs <= segment.sentMaxMs,
    )
    if (candidates.length === 0) continue
    const known = new Set<LogRecord>()
    for (const layer of layersOfKeys(candidates)) {
      const keys = await lookUp(segment, layer)
      for (const record of layer) if (keys.has(record.key)) known.add(record)
    }
    if (known.size > 0) left = left.filter((record) => !known.has(record))
  }
  return left

  async function lookUp(
    { key, sizeBytes, level }: SegmentEntry,
    candidates: readonly LogRecord[],
  ): Promise<ReadonlySet<string>> {
    try {
      return await knownKeys({ store: cold, key, sizeBytes }, candidates, { signal, footers })
    } catch (error) {
      if (!(error instanceof SegmentError) || (isStrict && level !== 'hour')) throw error
      events.lookUpFailed(error)
      return new Set()
    }
  }
}

function sentRange(records: readonly LogRecord[]): { fromMs: number; toMs: number } {
  let fromMs = Number.POSITIVE_INFINITY
  let toMs = Number.NEGATIVE_INFINITY
  for (const { sentAtMs } of records) {
    if (sentAtMs < fromMs) fromMs = sentAtMs
    if (sentAtMs > toMs) toMs = sentAtMs
  }
  return { fromMs, toMs }
}

/**
 * Groups in which no key occurs twice, nearly always one: an answer of keys then means one record
 * each. Records of different channels or sent times can share a key where it is a hash.
 */
function layersOfKeys(records: readonly LogRecord[]): LogRecord[][] {
  const occurrences = new Map<string, number>()
  const layers: LogRecord[][] = []
  for (const record of records) {
    const at = occurrences.get(record.key) ?? 0
    occurrences.set(record.key, at + 1)
    const layer = layers[at]
    if (layer === undefined) layers[at] = [record]
    else layer.push(record)
  }
  return layers
}

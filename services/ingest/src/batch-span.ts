import { NO_SPAN } from '@poglog/service-kit'
import type { OpenSpan, Tracing } from '@poglog/service-kit'
import type { Batch } from './batch.ts'

/** The trace of a batch: from the offer of its first line until it is in Redis or on disk. */
export function openBatchSpan(
  { lines, offeredMs, spooled }: Pick<Batch, 'lines' | 'offeredMs' | 'spooled'>,
  tracing: Tracing,
): OpenSpan {
  if (!tracing.isOn) return NO_SPAN
  const from = spooled === undefined ? 'socket' : 'spool'
  const attributes = { 'poglog.lines': lines.length, 'poglog.from': from }
  return tracing.open('batch', { startMs: offeredMs, attributes })
}

/** Ends it; of a batch that went both ways the first one counts. */
export function endBatchSpan(
  { span }: Pick<Batch, 'span'>,
  outcome: 'stored' | 'spooled' | 'dropped',
): void {
  span.note({ 'poglog.outcome': outcome })
  span.end(outcome === 'dropped' ? 'failed' : 'done')
}

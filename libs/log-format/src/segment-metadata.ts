import type { SegmentIdentity, SegmentSummary } from './types.ts'

/** The key of poglog's entry in the footer's key-value metadata; its value is JSON. */
export const METADATA_KEY = 'poglog'
/** Readers refuse a higher one. Adding a column or a field does not raise it. */
const FORMAT_VERSION = 1

const WRITER = '@poglog/log-format 0.1.0'
const DIGEST = /^[0-9a-f]{32}$/

/** What the footer says of a segment. Its size is not in it: an object cannot hold its own length. */
export interface SegmentMetadata {
  readonly identity: SegmentIdentity
  readonly summary: Omit<SegmentSummary, 'sizeBytes'>
}

export function writeMetadata({ identity, summary }: SegmentMetadata): string {
  const { records, sentMinMs, sentMaxMs, digest } = summary
  return JSON.stringify({
    version: FORMAT_VERSION,
    writer: WRITER,
    identity,
    summary: { records, sentMinMs, sentMaxMs, digest },
  })
}

/** `unsupported` for a newer version, `undefined` for anything that {@link writeMetadata} never wrote. */
export function readMetadata(json: string): SegmentMetadata | 'unsupported' | undefined {
  const value = parsed(json)
  if (!isFields(value) || !isCount(value['version'])) return undefined
  if (value['version'] > FORMAT_VERSION) return 'unsupported'
  const identity = identityOf(value['identity'])
  const summary = summaryOf(value['summary'])
  if (identity === undefined || summary === undefined) return undefined
  return { identity, summary }
}

function identityOf(value: unknown): SegmentIdentity | undefined {
  if (!isFields(value)) return undefined
  const { shard, shards, number, projection, level, arrivalFromMs, arrivalToMs } = value
  if (projection !== 'by-channel' || (level !== 'hour' && level !== 'day')) return undefined
  if (!isCount(shard) || !isCount(shards) || !isCount(number)) return undefined
  if (!isCount(arrivalFromMs) || !isCount(arrivalToMs)) return undefined
  return { shard, shards, number, projection, level, arrivalFromMs, arrivalToMs }
}

function summaryOf(value: unknown): SegmentMetadata['summary'] | undefined {
  if (!isFields(value)) return undefined
  const { records, sentMinMs, sentMaxMs, digest } = value
  if (!isCount(records) || !isCount(sentMinMs) || !isCount(sentMaxMs)) return undefined
  if (typeof digest !== 'string' || !DIGEST.test(digest)) return undefined
  return { records, sentMinMs, sentMaxMs, digest }
}

function parsed(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json)
    return value
  } catch {
    return undefined // No JSON is no metadata of ours; the caller says so.
  }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

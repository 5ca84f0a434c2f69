import { readTail, readTrailer, trailerDistance } from './checksums.ts'
import type { SegmentLayout, Tail } from './checksums.ts'
import { fetchBytes, fetchRange } from './fetch-bytes.ts'
import type { FooterCache } from './footer-cache.ts'
import { FooterError, parseFooter } from './footer.ts'
import type { ParsedFooter, SegmentFooter } from './footer.ts'
import { SegmentError } from './segment-error.ts'
import type { SegmentIdentity, SegmentSource, SegmentSummary } from './types.ts'

/** Enough for the footer of a segment of about 200,000 records: nearly always one request. */
const TAIL_BYTES_GUESS = 65_536
/** A tail of a hundred million records is half of this; what claims more is not believed. */
const TAIL_BYTES_MAX = 268_435_456

export interface OpenOptions {
  /** Keeps footers, so that a segment's is fetched once. */
  readonly footers?: FooterCache | undefined
  readonly signal?: AbortSignal | undefined
}

/** Opens a segment: everything that is needed to know where its records lie, checked. */
export async function openSegment(
  source: SegmentSource,
  { footers, signal }: OpenOptions,
): Promise<SegmentFooter> {
  const known = footers?.get(source.key)
  if (known?.sizeBytes === source.sizeBytes) return known
  const { layout, footer } = await fetchTail(source, signal)
  const parsed = parsedFooter(source, { layout, footer })
  const { indexesStart } = parsed
  const indexes = await fetchIndexes(source, { layout, start: indexesStart }, signal)
  const memoryBytes = footer.length * 4 + layout.table.byteLength + indexes.length + 1000
  const opened = { ...parsed, sizeBytes: source.sizeBytes, layout, indexes, memoryBytes }
  footers?.set(source.key, opened)
  return opened
}

/**
 * Reads what a segment says of itself, without its records: enough to rebuild a manifest.
 *
 * @throws {SegmentError}
 */
export async function readSegmentIdentity(
  source: SegmentSource,
  options: OpenOptions = {},
): Promise<{ readonly identity: SegmentIdentity; readonly summary: SegmentSummary }> {
  const { identity, summary, sizeBytes } = await openSegment(source, options)
  return { identity, summary: { ...summary, sizeBytes } }
}

/** Copied, so that a cached footer does not keep the whole answer of the store in memory. */
async function fetchIndexes(
  source: SegmentSource,
  { layout, start }: { layout: SegmentLayout; start: number },
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const end = layout.dataBytes
  if (start >= end) return new Uint8Array()
  const fetched = await fetchBytes(source, layout, { ranges: [{ start, end }], signal })
  return Uint8Array.from(fetched.slice(start, end) ?? [])
}

function parsedFooter(source: SegmentSource, { layout, footer }: Tail): ParsedFooter {
  try {
    return parseFooter(footer, layout)
  } catch (error) {
    if (!(error instanceof FooterError)) throw error
    throw new SegmentError(error.kind, source.key, { detail: error.message, cause: error })
  }
}

async function fetchTail(source: SegmentSource, signal: AbortSignal | undefined): Promise<Tail> {
  const { key, sizeBytes } = source
  const corrupt = (detail: string): SegmentError => new SegmentError('corrupt', key, { detail })
  const guess = await fetchLast(source, Math.min(TAIL_BYTES_GUESS, sizeBytes), signal)
  const distance = trailerDistance(guess)
  if (distance > sizeBytes || distance > TAIL_BYTES_MAX) throw corrupt('length of the footer')
  const last = distance <= guess.length ? guess : await fetchLast(source, distance, signal)
  const trailer = readTrailer(last, sizeBytes)
  if (trailer === undefined) throw corrupt('no trailer before the footer')
  const tailBytes = sizeBytes - trailer.dataBytes
  if (tailBytes > TAIL_BYTES_MAX) throw corrupt('length of the tail')
  const bytes =
    tailBytes <= last.length
      ? last.subarray(last.length - tailBytes)
      : await fetchLast(source, tailBytes, signal)
  const tail = readTail(bytes, sizeBytes)
  if (tail === undefined) throw corrupt('checksum of the tail')
  return tail
}

function fetchLast(
  source: SegmentSource,
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const end = source.sizeBytes
  return fetchRange(source, { start: end - bytes, end }, signal)
}

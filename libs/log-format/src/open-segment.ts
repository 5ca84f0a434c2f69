import { areBlocksIntact, readTail, readTrailer, trailerDistance } from './checksums.ts'
import type { SegmentLayout, Tail } from './checksums.ts'
import { fetchBytes, fetchRange } from './fetch-bytes.ts'
import type { FooterCache } from './footer-cache.ts'
import { FooterError, parseFooter } from './footer.ts'
import type { ParsedFooter, SegmentFooter } from './footer.ts'
import { SegmentError } from './segment-error.ts'
import type { SegmentIdentity, SegmentSource, SegmentSummary } from './types.ts'

/**
 * What is asked for first: this, or this part of the object if that is more. Indexes and tail take 0.3 to 0.6 % of a segment of
 * records and up to 1 % of one of words, so that it is nearly always the only request.
 */
const TAIL_BYTES_GUESS = 65_536
const TAIL_SHARE_GUESS = 1 / 100
/** The table has 4 bytes for each block of 16,384. */
const TABLE_SHARE = 1 / 4096
/** A tail of a hundred million records is half of this; what claims more is not believed. */
const TAIL_BYTES_MAX = 268_435_456

/** What the place of one column of a row group takes in memory. */
const CHUNK_BYTES = 150

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
  const { tail, last } = await fetchTail(source, signal)
  const parsed = parsedFooter(source, tail)
  const { layout, footer } = tail
  const place = { layout, start: parsed.indexesStart }
  const indexes = indexesIn(last, place, source) ?? (await fetchIndexes(source, place, signal))
  const chunks = parsed.rowGroups.length * (parsed.rowGroups[0]?.chunks.size ?? 0)
  const memoryBytes =
    footer.length + chunks * CHUNK_BYTES + layout.table.byteLength + indexes.length + 1000
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

/** Where the page indexes begin; they end where the data does. */
interface IndexesPlace {
  readonly layout: SegmentLayout
  readonly start: number
}

/**
 * The page indexes, where the last bytes of the object have them whole. Copied, so that a cached footer does not keep the
 * whole answer of the store in memory.
 */
function indexesIn(
  last: Uint8Array,
  { layout, start }: IndexesPlace,
  { key, sizeBytes }: SegmentSource,
): Uint8Array | undefined {
  const { dataBytes, blockBytes } = layout
  if (start >= dataBytes) return new Uint8Array()
  const lastAt = sizeBytes - last.length
  const blockAt = start - (start % blockBytes)
  if (blockAt < lastAt) return undefined
  const blocks = last.subarray(blockAt - lastAt, dataBytes - lastAt)
  if (!areBlocksIntact(blocks, blockAt / blockBytes, layout)) {
    throw new SegmentError('corrupt', key, { detail: 'checksum of the page indexes' })
  }
  return Uint8Array.from(blocks.subarray(start - blockAt))
}

async function fetchIndexes(
  source: SegmentSource,
  { layout, start }: IndexesPlace,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const end = layout.dataBytes
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

/** The tail, and the last bytes of the object, which begin before it: the page indexes are likely among them. */
async function fetchTail(
  source: SegmentSource,
  signal: AbortSignal | undefined,
): Promise<{ tail: Tail; last: Uint8Array }> {
  const { key, sizeBytes } = source
  const corrupt = (detail: string): SegmentError => new SegmentError('corrupt', key, { detail })
  let last = await fetchLast(source, guessBytes(sizeBytes), signal)
  const distance = trailerDistance(last)
  if (distance > sizeBytes || distance > TAIL_BYTES_MAX) throw corrupt('length of the footer')
  // As much again for the page indexes.
  const likely = (distance + Math.ceil(sizeBytes * TABLE_SHARE)) * 2
  if (distance > last.length) last = await fetchLast(source, likely, signal)
  const trailer = readTrailer(last, sizeBytes)
  if (trailer === undefined) throw corrupt('no trailer before the footer')
  const tailBytes = sizeBytes - trailer.dataBytes
  if (tailBytes > TAIL_BYTES_MAX) throw corrupt('length of the tail')
  if (tailBytes > last.length) last = await fetchLast(source, tailBytes * 2, signal)
  const tail = readTail(last.subarray(last.length - tailBytes), sizeBytes)
  if (tail === undefined) throw corrupt('checksum of the tail')
  return { tail, last }
}

function guessBytes(sizeBytes: number): number {
  return Math.max(TAIL_BYTES_GUESS, Math.ceil(sizeBytes * TAIL_SHARE_GUESS))
}

function fetchLast(
  source: SegmentSource,
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const end = source.sizeBytes
  return fetchRange(source, { start: Math.max(end - bytes, 0), end }, signal)
}

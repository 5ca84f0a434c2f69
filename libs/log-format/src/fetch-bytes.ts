import type { ByteRange } from '@poglog/object-store'
import { areBlocksIntact } from './checksums.ts'
import type { SegmentLayout } from './checksums.ts'
import { SegmentError } from './segment-error.ts'
import type { SegmentSource } from './types.ts'

/** A request costs as much time as this many bytes more in another: 20 to 60 ms against 10 MB/s and up. */
const GAP_BYTES = 262_144

/** Bytes of an object that were fetched and found intact. */
export class FetchedBytes {
  readonly #pieces: readonly { readonly start: number; readonly bytes: Uint8Array }[]

  constructor(pieces: readonly { readonly start: number; readonly bytes: Uint8Array }[]) {
    this.#pieces = pieces
  }

  /** A view of bytes `[start, end)`; `undefined` when they are not among what was fetched. */
  slice(start: number, end: number): Uint8Array | undefined {
    for (const piece of this.#pieces) {
      if (start >= piece.start && end <= piece.start + piece.bytes.length) {
        return piece.bytes.subarray(start - piece.start, end - piece.start)
      }
    }
    return undefined
  }
}

/**
 * Fetches ranges of a segment's data, widened to whole checksum blocks, ranges that lie close in one
 * request, and checks every block.
 *
 * @throws {SegmentError} `missing`, or `corrupt` when a block is not as written.
 */
export async function fetchBytes(
  source: SegmentSource,
  layout: SegmentLayout,
  { ranges, signal }: { ranges: readonly ByteRange[]; signal?: AbortSignal | undefined },
): Promise<FetchedBytes> {
  const pieces = await Promise.all(
    coalesce(ranges, layout).map(async ({ start, end }) => {
      const bytes = await fetchRange(source, { start, end }, signal)
      if (!areBlocksIntact(bytes, start / layout.blockBytes, layout)) {
        throw new SegmentError('corrupt', source.key, {
          detail: `checksum of bytes ${start}-${end}`,
        })
      }
      return { start, bytes }
    }),
  )
  return new FetchedBytes(pieces)
}

/** Fetches exactly these bytes, unchecked. */
export async function fetchRange(
  { store, key }: SegmentSource,
  range: ByteRange,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = await store.get(key, { range, signal })
  if (bytes === undefined) throw new SegmentError('missing', key, { detail: 'no such object' })
  if (bytes.length !== range.end - range.start) {
    const detail = `${bytes.length} bytes where ${range.start}-${range.end} was asked for`
    throw new SegmentError('corrupt', key, { detail })
  }
  return bytes
}

function coalesce(ranges: readonly ByteRange[], layout: SegmentLayout): ByteRange[] {
  const { blockBytes, dataBytes } = layout
  const merged: { start: number; end: number }[] = []
  for (const range of ranges.toSorted((left, right) => left.start - right.start)) {
    const start = range.start - (range.start % blockBytes)
    const end = Math.min(Math.ceil(range.end / blockBytes) * blockBytes, dataBytes)
    const last = merged.at(-1)
    if (last !== undefined && start - last.end <= GAP_BYTES) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

import { crc32 } from 'node:zlib'

/**
 * Bytes of one checksummed block. A read is widened to whole blocks, so small blocks cost less for
 * short reads, and 4 bytes of table each.
 */
const BLOCK_BYTES = 16_384

const TRAILER_BYTES = 24
const MAGIC = Buffer.from('POGLOGC1', 'latin1')
const FOOTER_END_BYTES = 8 // Parquet: length of the footer, "PAR1".

/** Where things lie in a segment: data blocks, then the table, trailer and footer that make the tail. */
export interface SegmentLayout {
  /** Blocks cover `[0, dataBytes)`: the row groups and the page indexes. */
  readonly dataBytes: number
  readonly blockBytes: number
  /** CRC-32 of each block, the last one may be short. */
  readonly table: Uint32Array
}

/** CRC-32 of each {@link BLOCK_BYTES} of a byte stream. */
export class BlockChecksums {
  readonly #sums: number[] = []
  #current = 0
  #filled = 0
  #total = 0

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + BLOCK_BYTES - this.#filled)
      this.#current = crc32(piece, this.#current)
      this.#filled += piece.length
      this.#total += piece.length
      at += piece.length
      if (this.#filled === BLOCK_BYTES) this.#close()
    }
  }

  finish(): SegmentLayout {
    if (this.#filled > 0) this.#close()
    return {
      dataBytes: this.#total,
      blockBytes: BLOCK_BYTES,
      table: Uint32Array.from(this.#sums),
    }
  }

  #close(): void {
    this.#sums.push(this.#current)
    this.#current = 0
    this.#filled = 0
  }
}

/**
 * Writes the tail: the table, a trailer, and the Parquet footer (with its length and `PAR1`). The
 * trailer holds a CRC-32 of the whole tail, so a reader trusts no length or offset unchecked.
 */
export function writeTail(layout: SegmentLayout, footer: Uint8Array): Uint8Array {
  const tableBytes = layout.table.length * 4
  const tail = Buffer.alloc(tableBytes + TRAILER_BYTES + footer.length)
  for (const [index, sum] of layout.table.entries()) tail.writeUInt32LE(sum, index * 4)
  MAGIC.copy(tail, tableBytes)
  tail.writeBigUInt64LE(BigInt(layout.dataBytes), tableBytes + 8)
  tail.writeUInt32LE(layout.blockBytes, tableBytes + 16)
  tail.set(footer, tableBytes + TRAILER_BYTES)
  tail.writeUInt32LE(crc32(tail), tableBytes + 20) // Its own place counts as zero.
  return tail
}

/** How many bytes from the end it takes to find the trailer, as the footer's length claims it. */
export function trailerDistance(lastBytes: Uint8Array): number {
  const view = viewOf(lastBytes)
  if (view.byteLength < FOOTER_END_BYTES) return FOOTER_END_BYTES
  return view.getUint32(view.byteLength - FOOTER_END_BYTES, true) + FOOTER_END_BYTES + TRAILER_BYTES
}

/** What a trailer claims; only {@link readTail} proves it. */
export interface Trailer {
  readonly dataBytes: number
  readonly blockBytes: number
  readonly tableBytes: number
  /** Offset of the trailer in the bytes given. */
  readonly at: number
}

/**
 * Finds the trailer in the last bytes of an object, at least {@link trailerDistance} of them.
 *
 * @returns `undefined` when there is none, or when its numbers do not add up to `sizeBytes`.
 */
export function readTrailer(lastBytes: Uint8Array, sizeBytes: number): Trailer | undefined {
  const at = lastBytes.length - trailerDistance(lastBytes)
  if (at < 0) return undefined
  const view = viewOf(lastBytes)
  if (Buffer.compare(MAGIC, lastBytes.subarray(at, at + MAGIC.length)) !== 0) return undefined
  const dataBytes = Number(view.getBigUint64(at + 8, true))
  const blockBytes = view.getUint32(at + 16, true)
  if (blockBytes === 0 || dataBytes > sizeBytes) return undefined
  const tableBytes = 4 * Math.ceil(dataBytes / blockBytes)
  const tailBytes = lastBytes.length - at + tableBytes
  return dataBytes + tailBytes === sizeBytes ? { dataBytes, blockBytes, tableBytes, at } : undefined
}

/** A tail whose checksum is right. `footer` ends with the footer's length and `PAR1`. */
export interface Tail {
  readonly layout: SegmentLayout
  readonly footer: Uint8Array
}

/** Reads a whole tail; `undefined` when one bit of it is not as written. */
export function readTail(tail: Uint8Array, sizeBytes: number): Tail | undefined {
  const trailer = readTrailer(tail, sizeBytes)
  if (trailer === undefined || trailer.at !== trailer.tableBytes) return undefined
  const { at, dataBytes, blockBytes, tableBytes } = trailer
  const view = viewOf(tail)
  const before = crc32(tail.subarray(0, at + 20))
  const sum = crc32(tail.subarray(at + TRAILER_BYTES), crc32(new Uint8Array(4), before))
  if (sum !== view.getUint32(at + 20, true)) return undefined
  const table = new Uint32Array(tableBytes / 4)
  for (let index = 0; index < table.length; index += 1)
    table[index] = view.getUint32(index * 4, true)
  return { layout: { dataBytes, blockBytes, table }, footer: tail.subarray(at + TRAILER_BYTES) }
}

/** Whether bytes that begin at block `firstBlock` are what was written. They must be whole blocks. */
export function areBlocksIntact(
  bytes: Uint8Array,
  firstBlock: number,
  { blockBytes, table }: SegmentLayout,
): boolean {
  for (let at = 0, block = firstBlock; at < bytes.length; at += blockBytes, block += 1) {
    if (crc32(bytes.subarray(at, at + blockBytes)) !== table[block]) return false
  }
  return true
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

import type { ByteSink } from './byte-sink.ts'

const GROUP = 8
const BLOCK = 128
const MINIBLOCKS = 4
const MINIBLOCK = BLOCK / MINIBLOCKS
/** Differences from the smallest delta below this are packed exactly in a double: 46 bits and 7 pending ones. */
export const DELTA_SPREAD_MAX = 2 ** 46

const deltas = new Float64Array(BLOCK)

/** How many bits it takes to write the numbers from 0 to `max`, which is below 2^31. */
export function bitsFor(max: number): number {
  return 32 - Math.clz32(max)
}

/**
 * Parquet's hybrid of runs and bit-packed groups of eight, for numbers below 2^24.
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
 */
export function writeHybrid(sink: ByteSink, values: Int32Array, bits: number): void {
  let packedFrom = 0
  let at = 0
  while (at < values.length) {
    const value = values[at] ?? 0
    let end = at + 1
    while (end < values.length && values[end] === value) end += 1
    if (end - at < GROUP) {
      at += GROUP
      continue
    }
    if (at > packedFrom) writeGroups(sink, values.subarray(packedFrom, at), bits)
    sink.varint((end - at) * 2)
    for (let shift = 0; shift < bits; shift += 8) sink.byte((value >>> shift) & 0xff)
    packedFrom = end
    at = end
  }
  if (packedFrom < values.length) writeGroups(sink, values.subarray(packedFrom), bits)
}

/** Groups of eight; the last is filled with zeros. */
function writeGroups(sink: ByteSink, values: Int32Array, bits: number): void {
  const groups = Math.ceil(values.length / GROUP)
  sink.varint(groups * 2 + 1)
  const bytes = sink.reserve(groups * bits)
  let at = sink.length
  let buffer = 0
  let used = 0
  for (let index = 0; index < groups * GROUP; index += 1) {
    buffer |= (index < values.length ? (values[index] ?? 0) : 0) << used
    used += bits
    while (used >= 8) {
      bytes[at] = buffer
      at += 1
      buffer >>>= 8
      used -= 8
    }
  }
  sink.skip(groups * bits)
}

/**
 * DELTA_BINARY_PACKED of whole numbers whose differences spread by less than {@link DELTA_SPREAD_MAX}.
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC
 */
export function writeDeltas(sink: ByteSink, values: Float64Array | Int32Array): void {
  sink.varint(BLOCK)
  sink.varint(MINIBLOCKS)
  sink.varint(values.length)
  sink.zigzag(values[0] ?? 0)
  for (let from = 1; from < values.length; from += BLOCK) {
    const count = Math.min(BLOCK, values.length - from)
    let min = Number.POSITIVE_INFINITY
    for (let index = 0; index < count; index += 1) {
      const delta = (values[from + index] ?? 0) - (values[from + index - 1] ?? 0)
      deltas[index] = delta
      if (delta < min) min = delta
    }
    sink.zigzag(min)
    for (let index = 0; index < count; index += 1) deltas[index] = (deltas[index] ?? 0) - min
    deltas.fill(0, count)
    writeMiniblocks(sink)
  }
}

/** The bit widths of all four, then those that have any bits. */
function writeMiniblocks(sink: ByteSink): void {
  const widths = [0, 0, 0, 0]
  for (let index = 0; index < MINIBLOCKS; index += 1) {
    let max = 0
    for (let at = index * MINIBLOCK; at < (index + 1) * MINIBLOCK; at += 1) {
      const delta = deltas[at] ?? 0
      if (delta > max) max = delta
    }
    const width = max < 2 ** 31 ? bitsFor(max) : 32 + bitsFor(Math.floor(max / 2 ** 32))
    widths[index] = width
    sink.byte(width)
  }
  for (const [index, width] of widths.entries()) {
    if (width > 0) packMiniblock(sink, index * MINIBLOCK, width)
  }
}

function packMiniblock(sink: ByteSink, from: number, width: number): void {
  const sizeBytes = (width * MINIBLOCK) / 8
  const bytes = sink.reserve(sizeBytes)
  let at = sink.length
  let buffer = 0
  let used = 0
  for (let index = from; index < from + MINIBLOCK; index += 1) {
    const delta = deltas[index] ?? 0
    if (width <= 24) {
      buffer |= delta << used
      used += width
      while (used >= 8) {
        bytes[at] = buffer
        at += 1
        buffer >>>= 8
        used -= 8
      }
      continue
    }
    buffer += delta * 2 ** used
    used += width
    while (used >= 8) {
      bytes[at] = buffer % 256
      at += 1
      buffer = Math.floor(buffer / 256)
      used -= 8
    }
  }
  sink.skip(sizeBytes)
}

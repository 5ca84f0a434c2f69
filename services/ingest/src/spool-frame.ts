import { crc32 } from 'node:zlib'
import type { AppendLine } from '@poglog/hot-store'

/** Begins every spool file. Another version of the format gets other letters. */
export const SPOOL_MAGIC = Buffer.from('pogspl1\n')

/** More than any frame holds: a longer length is damage, not a frame. */
const FRAME_BYTES_MAX = 16 * 1024 * 1024

/** Length and CRC-32 of the payload, both unsigned 32-bit little-endian. */
const FRAME_HEAD_BYTES = 8

/**
 * What stands at a place in a spool file.
 *
 * - `frame`: some lines; the next frame begins at `nextOffset`.
 * - `short`: the bytes end before the frame does; it takes `needBytes` in all.
 * - `damaged`: the checksum is wrong. The next frame begins at `nextOffset`; `undefined` when the
 *   length itself cannot be right.
 */
export type DecodedFrame =
  | { readonly kind: 'frame'; readonly lines: readonly AppendLine[]; readonly nextOffset: number }
  | { readonly kind: 'short'; readonly needBytes: number }
  | { readonly kind: 'damaged'; readonly nextOffset: number | undefined }

/** Encodes lines as one frame: head, then a JSON array of tuples in UTF-8. */
export function encodeFrame(lines: readonly AppendLine[]): Buffer {
  const payload = Buffer.from(
    JSON.stringify(
      lines.map(({ channelId, key, raw, sentAtMs, userId, type }) => [
        channelId,
        key,
        raw,
        sentAtMs ?? null,
        userId,
        type,
      ]),
    ),
  )
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES)
  head.writeUInt32LE(payload.length, 0)
  head.writeUInt32LE(crc32(payload), 4)
  return Buffer.concat([head, payload])
}

/** Decodes the frame at `offset`. Never throws, whatever the bytes are. */
export function decodeFrame(bytes: Buffer, offset: number): DecodedFrame {
  if (bytes.length - offset < FRAME_HEAD_BYTES) {
    return { kind: 'short', needBytes: FRAME_HEAD_BYTES }
  }
  const length = bytes.readUInt32LE(offset)
  // Zeroes (a crash of the machine leaves them) would be an empty frame with a right checksum.
  if (length === 0 || length > FRAME_BYTES_MAX) return { kind: 'damaged', nextOffset: undefined }
  const start = offset + FRAME_HEAD_BYTES
  const nextOffset = start + length
  if (bytes.length < nextOffset) return { kind: 'short', needBytes: FRAME_HEAD_BYTES + length }
  const payload = bytes.subarray(start, nextOffset)
  if (crc32(payload) !== bytes.readUInt32LE(offset + 4)) return { kind: 'damaged', nextOffset }
  const lines = parseLines(payload)
  return lines === undefined
    ? { kind: 'damaged', nextOffset }
    : { kind: 'frame', lines, nextOffset }
}

function parseLines(payload: Buffer): readonly AppendLine[] | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'))
    if (!Array.isArray(value)) return undefined
    const lines = value.map(toLine)
    return lines.every((line) => line !== undefined) ? lines : undefined
  } catch {
    return undefined // Told as damaged.
  }
}

function toLine(value: unknown): AppendLine | undefined {
  if (!Array.isArray(value)) return undefined
  const fields: readonly unknown[] = value
  const [channelId, key, raw, sentAtMs, userId, type] = fields
  if (typeof channelId !== 'string' || typeof key !== 'string' || typeof raw !== 'string') {
    return undefined
  }
  if (typeof userId !== 'string' || typeof type !== 'string') return undefined
  if (typeof sentAtMs !== 'number' && sentAtMs !== null) return undefined
  return { channelId, key, raw, sentAtMs: sentAtMs ?? undefined, userId, type }
}

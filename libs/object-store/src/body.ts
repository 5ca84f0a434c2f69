import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ByteRange, ObjectBody } from './types.ts'

/** How much of a file is read at once. */
const READ_BYTES = 256 * 1024

/** A body's length in bytes. A file is not looked at: what it should have. */
export function bodySize(body: ObjectBody): number {
  if (body instanceof Uint8Array) return body.byteLength
  if ('path' in body) return body.sizeBytes
  return body.reduce((sum, piece) => sum + piece.byteLength, 0)
}

/** A part of a body and the MD5 of it in base64. */
export interface BodyPart extends ByteRange {
  readonly md5: string
}

/** Opens a body, or a range of it that is not empty; each call gives a stream of its own. */
export function openBody(body: ObjectBody, range?: ByteRange): Readable {
  const { start, end } = range ?? { start: 0, end: Number.POSITIVE_INFINITY }
  if (!(body instanceof Uint8Array) && 'path' in body) {
    return createReadStream(body.path, { start, end: end - 1, highWaterMark: READ_BYTES })
  }
  const pieces = body instanceof Uint8Array ? [body] : body
  return Readable.from(piecesWithin(pieces, { start, end }), { objectMode: false })
}

/** Reads a body whole into bytes of its own. */
export async function bodyBytes(body: ObjectBody): Promise<Uint8Array> {
  await assertBody(body)
  if (body instanceof Uint8Array) return new Uint8Array(body)
  if ('path' in body) return new Uint8Array(await readFile(body.path))
  return new Uint8Array(Buffer.concat(body))
}

/** Throws a plain `Error` when a file body is missing or has another size than the caller said. */
export async function assertBody(body: ObjectBody): Promise<void> {
  if (body instanceof Uint8Array || !('path' in body)) return
  const found = await stat(body.path).catch((cause: unknown) => {
    throw new Error('the file of an object body cannot be read', { cause })
  })
  if (found.size !== body.sizeBytes) {
    throw new Error(`the file of an object body has ${found.size} bytes, not ${body.sizeBytes}`)
  }
}

/** The MD5 of a body in both spellings S3 wants. */
export async function bodyMd5(body: ObjectBody): Promise<{ base64: string; hex: string }> {
  const hash = createHash('md5')
  for await (const chunk of openBody(body)) {
    if (chunk instanceof Uint8Array) hash.update(chunk)
  }
  const digest = hash.digest()
  return { base64: digest.toString('base64'), hex: digest.toString('hex') }
}

/** The MD5 of a whole body in hex and those of its parts, by reading it once. */
export async function bodyParts(
  body: ObjectBody,
  partBytes: number,
  signal?: AbortSignal,
): Promise<{ md5: string; parts: readonly BodyPart[] }> {
  const whole = createHash('md5')
  const parts: BodyPart[] = []
  let part = createHash('md5')
  let [start, end] = [0, 0]
  const endPart = (): void => {
    parts.push({ start, end, md5: part.digest('base64') })
    part = createHash('md5')
    start = end
  }
  for await (const chunk of openBody(body)) {
    if (!(chunk instanceof Uint8Array)) continue
    signal?.throwIfAborted()
    whole.update(chunk)
    for (let offset = 0; offset < chunk.byteLength;) {
      const piece = chunk.subarray(offset, offset + start + partBytes - end)
      part.update(piece)
      offset += piece.byteLength
      end += piece.byteLength
      if (end === start + partBytes) endPart()
    }
  }
  if (end > start) endPart()
  if (end !== bodySize(body)) throw new Error('the file of an object body changed during its put')
  return { md5: whole.digest('hex'), parts }
}

function piecesWithin(pieces: readonly Uint8Array[], { start, end }: ByteRange): Uint8Array[] {
  const found: Uint8Array[] = []
  let offset = 0
  for (const piece of pieces) {
    const within = piece.subarray(Math.max(0, start - offset), Math.max(0, end - offset))
    if (within.byteLength > 0) found.push(within)
    offset += piece.byteLength
  }
  return found
}

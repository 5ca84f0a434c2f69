import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ObjectBody } from './types.ts'

/** How much of a file is read at once. */
const READ_BYTES = 256 * 1024

/** A body's length in bytes. A file is not looked at: what it should have. */
export function bodySize(body: ObjectBody): number {
  if (body instanceof Uint8Array) return body.byteLength
  if ('path' in body) return body.sizeBytes
  return body.reduce((sum, piece) => sum + piece.byteLength, 0)
}

/** Opens a body from its start; each call gives a stream of its own. */
export function openBody(body: ObjectBody): Readable {
  if (body instanceof Uint8Array) return Readable.from([body], { objectMode: false })
  if ('path' in body) return createReadStream(body.path, { highWaterMark: READ_BYTES })
  return Readable.from(body, { objectMode: false })
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

import type { Readable } from 'node:stream'
import { PassThrough, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
// Node's own stream ends silently after the first of several frames, and takes what follows a frame for nothing.
import { DecompressStream } from 'zstd-napi'

const MAGIC_BYTES = 4
const GZIP = [0x1f, 0x8b]
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd]
/** zstd's skippable frames, with which pzstd begins its files: 0x184D2A50 to 0x184D2A5F, little-endian. */
const SKIPPABLE = [0x2a, 0x4d, 0x18]

/**
 * The bytes of a stream, decompressed where its first bytes say gzip or zstd; its name does not matter.
 *
 * @throws (the stream, when it is read) where the compressed data is damaged or cut off.
 */
export async function* decompressed(source: Readable): AsyncGenerator<Uint8Array> {
  const { head, rest } = await headOf(source)
  const decompressor = decompressorFor(head)
  if (decompressor === undefined) {
    if (head.length > 0) yield head
    for await (const chunk of rest) yield toBytes(chunk)
    return
  }
  const input = new PassThrough()
  input.write(head)
  const failures: unknown[] = []
  // `pipeline` hands the error on to the decompressor, which throws it to whoever reads.
  pipeline(chained(head, rest), decompressor, (error) => failures.push(error))
  for await (const chunk of decompressor) yield toBytes(chunk)
  if (failures[0] instanceof Error) throw failures[0]
}

async function headOf(source: Readable): Promise<{ head: Buffer; rest: AsyncIterable<unknown> }> {
  const chunks = source[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (head.length < MAGIC_BYTES) {
    const next = await chunks.next()
    if (next.done === true) break
    head = Buffer.concat([head, toBytes(next.value)])
  }
  return { head, rest: { [Symbol.asyncIterator]: () => chunks } }
}

async function* chained(head: Buffer, rest: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  yield head
  for await (const chunk of rest) yield toBytes(chunk)
}

function decompressorFor(head: Buffer): NodeJS.ReadWriteStream | undefined {
  if (beginsWith(head, GZIP, 0)) return createGunzip()
  const isSkippable = beginsWith(head, SKIPPABLE, 1) && ((head[0] ?? 0) & 0xf0) === 0x50
  return beginsWith(head, ZSTD, 0) || isSkippable ? new DecompressStream() : undefined
}

function beginsWith(head: Buffer, magic: readonly number[], from: number): boolean {
  return magic.every((byte, index) => head[from + index] === byte)
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new Error('a stream without encoding yields bytes')
}

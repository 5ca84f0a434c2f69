import type { Readable, Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
// Node's own stream ends silently after the first of several frames, and takes what follows a frame for nothing.
import { DecompressStream } from 'zstd-napi'

const MAGIC_BYTES = 4
/** What is decompressed at a time: what it becomes is held in memory. */
const PIECE_BYTES = 16 * 1024
const GZIP = [0x1f, 0x8b]
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd]
/** zstd's skippable frames, with which pzstd begins its files: 0x184D2A50 to 0x184D2A5F, little-endian. */
const SKIPPABLE = [0x2a, 0x4d, 0x18]

/**
 * The bytes of a stream, decompressed where its first bytes say gzip or zstd; its name does not matter.
 *
 * @throws (the stream, when it is read) where the compressed data is damaged or cut off, behind all that could be decompressed.
 */
export async function* decompressed(source: Readable): AsyncGenerator<Uint8Array> {
  const { head, rest } = await headOf(source)
  const decompressor = decompressorFor(head)
  if (decompressor === undefined) {
    if (head.length > 0) yield head
    for await (const chunk of rest) yield toBytes(chunk)
    return
  }
  yield* through(decompressor, chained(head, rest))
}

/**
 * What a decompressor makes of bytes, piece by piece. A pipeline would lose what the stream still holds when it fails: with
 * zstd up to a whole file, because half a frame is an error only at its end.
 */
async function* through(
  decompressor: Transform,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const out: Uint8Array[] = []
  const failures: unknown[] = []
  decompressor.on('data', (chunk: unknown) => out.push(toBytes(chunk)))
  // Whoever waits for the piece is told, too; without a listener the process would end.
  decompressor.on('error', () => {})
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        await written(decompressor, chunk.subarray(at, at + PIECE_BYTES))
        yield* out.splice(0)
      }
    }
    // A stream may hand on in its next turn, and not at all when its end is an error.
    await setImmediate()
    yield* out.splice(0)
    const ending = finished(decompressor)
    decompressor.end()
    await ending
  } catch (error) {
    failures.push(error)
  } finally {
    decompressor.destroy()
  }
  yield* out.splice(0)
  if (failures.length > 0) throw failures[0]
}

function written(stream: Transform, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // Where the bytes are damaged zlib fails without calling back.
    stream.once('error', reject)
    stream.write(piece, (error) => {
      stream.off('error', reject)
      if (error === null || error === undefined) resolve()
      else reject(error)
    })
  })
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

function decompressorFor(head: Buffer): Transform | undefined {
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

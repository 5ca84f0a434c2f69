import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decompressed } from './decompressed.ts'

/** Hard to compress, so that it becomes many blocks. */
const TEXT = Buffer.from(
  Array.from({ length: 20_000 }, (_, i) => `line ${i} ${Math.imul(i, 2654435761)}\n`).join(''),
)

async function read(bytes: Uint8Array, pieceBytes = 64 * 1024) {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    pieces.push(bytes.subarray(at, at + pieceBytes))
  }
  const out: Uint8Array[] = []
  let failure = ''
  try {
    const source = Readable.from(pieces, { objectMode: false })
    for await (const chunk of decompressed(source)) {
      out.push(Buffer.from(chunk))
      // Whoever works on a chunk lets the stream run ahead.
      await sleep(1)
    }
  } catch (error) {
    failure = String(error)
  }
  return { text: Buffer.concat(out), failure }
}

describe.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('decompressed %s', (_, compress) => {
  const whole = compress(TEXT)

  it('gives back what was compressed, in one piece or several', async () => {
    for (const bytes of [whole, Buffer.concat([whole, compress('more')])]) {
      const { text, failure } = await read(bytes)
      expect(failure).toBe('')
      expect(text.subarray(0, TEXT.length).equals(TEXT)).toBe(true)
    }
  })

  it('gives all it can of what is cut off, then fails', async () => {
    for (const cutBytes of [4, 100]) {
      const { text, failure } = await read(whole.subarray(0, whole.length - cutBytes))
      expect(failure).not.toBe('')
      expect(text.length).toBeGreaterThan(TEXT.length - 140_000)
      expect(text.equals(TEXT.subarray(0, text.length))).toBe(true)
    }
  })

  it('gives what comes before something else, then fails', async () => {
    const { text, failure } = await read(Buffer.concat([whole, Buffer.from('plain\n'.repeat(99))]))
    expect(failure).not.toBe('')
    // zlib does not hand out the last 16 kB it was at.
    expect(text.length).toBeGreaterThan(TEXT.length - 16_384)
    expect(text.equals(TEXT.subarray(0, text.length))).toBe(true)
  })
})

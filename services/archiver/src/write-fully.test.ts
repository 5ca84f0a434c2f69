import { describe, expect, it } from 'vitest'
import { writeFully } from './write-fully.ts'

/** A file whose writes take `most` bytes at a time. */
function fileTaking(most: number, written: Buffer): Parameters<typeof writeFully>[0] {
  return {
    write: async (...[bytes, offset, length, position]) => {
      const bytesWritten = Math.min(most, length)
      bytes.copy(written, position, offset, offset + bytesWritten)
      return await Promise.resolve({ bytesWritten })
    },
  }
}

describe('writeFully', () => {
  it('goes on where a short write ended', async () => {
    const written = Buffer.alloc(12)
    await writeFully(fileTaking(3, written), Buffer.from('0123456789'), 2)
    expect(written.toString('latin1')).toBe('\0\x000123456789')
  })

  it('fails where nothing more is taken', async () => {
    const write = writeFully(fileTaking(0, Buffer.alloc(4)), Buffer.from('abcd'), 0)
    await expect(write).rejects.toThrow('takes no more bytes')
  })
})

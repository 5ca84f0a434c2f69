import type { FileHandle } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { writeFully } from './write-fully.ts'

/** A file whose writes take `most` bytes at a time. */
function fileTaking(most: number, written: Buffer): Pick<FileHandle, 'write'> {
  return {
    write: async (data: unknown, offset: unknown, length: unknown, position: unknown) => {
      if (!Buffer.isBuffer(data)) throw new TypeError('not a buffer')
      const [from, count, at] = [Number(offset), Math.min(most, Number(length)), Number(position)]
      data.copy(written, at, from, from + count)
      return await Promise.resolve({ bytesWritten: count, buffer: data })
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

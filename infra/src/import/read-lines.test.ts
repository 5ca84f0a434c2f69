import { RAW_BYTES_MAX } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { readLines } from './read-lines.ts'
import type { Line } from './read-lines.ts'

async function* chunksOf(chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

async function linesOf(...chunks: (string | Uint8Array)[]): Promise<Line[]> {
  const lines: Line[] = []
  for await (const batch of readLines(chunksOf(chunks))) lines.push(...batch)
  return lines
}

const texts = (lines: readonly Line[]): string[] => lines.map(({ text }) => text)

describe('readLines', () => {
  it('finds lines wherever the chunks are cut, also within a character', async () => {
    const whole = Buffer.from('first ä\r\nsecond 🙂\n\nfourth')
    const expected = await linesOf(whole)
    expect(texts(expected)).toEqual(['first ä\r', 'second 🙂', 'fourth'])
    for (let size = 1; size < whole.length; size += 1) {
      const chunks: Uint8Array[] = []
      for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size))
      expect(await linesOf(...chunks)).toEqual(expected)
    }
  })

  it('numbers lines as an editor does, empty ones included', async () => {
    const numbers = (await linesOf('a\n\nb\n', '\r\nc\n', 'd')).map(({ number }) => number)
    expect(numbers).toEqual([1, 3, 5, 6])
  })

  it('takes a byte order mark off', async () => {
    expect(texts(await linesOf('\u{feff}@a=b :c PING'))).toEqual(['@a=b :c PING'])
  })

  it('names a line that is not UTF-8, and goes on', async () => {
    const lines = await linesOf('good\n', Uint8Array.of(0x62, 0xff, 0x0a), 'fine\nlast')
    expect(lines.map(({ problem }) => problem)).toEqual([
      undefined,
      'not-utf8',
      undefined,
      undefined,
    ])
    expect(texts(lines.filter(({ problem }) => problem === undefined))).toEqual([
      'good',
      'fine',
      'last',
    ])
  })

  it('keeps a line in bounds that never ends (S1)', async () => {
    const piece = 'x'.repeat(1024 * 1024)
    const lines = await linesOf('a\n', piece, piece, piece, '\nb\n')
    expect(lines.map(({ problem }) => problem)).toEqual([undefined, 'too-long', undefined])
    expect(lines[1]?.text.length).toBeLessThan(RAW_BYTES_MAX)
    expect(lines[2]).toEqual({ number: 3, text: 'b', problem: undefined })
  })

  it('takes nothing of the tail of a line that is too long (S1)', async () => {
    const piece = 'x'.repeat(512 * 1024)
    const [first, ...others] = await linesOf(piece, '@id=1 :a!a@a PRIVMSG #b :forged\nb\n')
    expect(first).toMatchObject({ number: 1, problem: 'too-long' })
    expect(first?.text).toMatch(/^x+$/)
    expect(others).toEqual([{ number: 2, text: 'b', problem: undefined }])
  })

  it('tells of a line that is too long and has no end', async () => {
    const piece = 'x'.repeat(256 * 1024)
    for (const pieces of [[piece], [piece, piece, piece, piece], ['x'.repeat(2 ** 20)]]) {
      expect(await linesOf(...pieces)).toMatchObject([{ number: 1, problem: 'too-long' }])
    }
  })

  it('gives a last line without an end only where it is whole', async () => {
    expect((await last(true))[1]).toEqual({ number: 2, text: 'half', problem: undefined })
    expect((await last(false))[1]).toEqual({ number: 2, text: 'half', problem: 'cut-off' })
  })

  it('hands out the lines before a failure, and takes no half one for whole', async () => {
    const lines: Line[] = []
    const reading = async (): Promise<void> => {
      for await (const batch of readLines(failing())) lines.push(...batch)
    }
    await expect(reading()).rejects.toThrow('broken')
    expect(lines.map(({ number, problem }) => [number, problem])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 'cut-off'],
    ])
  })

  it('reads nothing from nothing', async () => {
    expect(await linesOf()).toEqual([])
    expect(await linesOf('\n\r\n')).toEqual([])
  })
})

async function* failing(): AsyncGenerator<Uint8Array> {
  yield* chunksOf(['a\nb\nhal'])
  throw new Error('broken')
}

async function last(isWhole: boolean): Promise<Line[]> {
  const lines: Line[] = []
  const answer = (): Promise<boolean> => Promise.resolve(isWhole)
  for await (const batch of readLines(chunksOf(['a\nhalf']), answer)) lines.push(...batch)
  return lines
}

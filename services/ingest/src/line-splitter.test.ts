import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LINE_BYTES_MAX, LineSplitter } from './line-splitter.ts'

function setup() {
  const seen = { tooLong: 0, damaged: 0 }
  const splitter = new LineSplitter({
    lineTooLong: () => {
      seen.tooLong += 1
    },
    frameDamaged: () => {
      seen.damaged += 1
    },
  })
  return { seen, splitter, push: (text: string) => splitter.push(Buffer.from(text)) }
}

describe('LineSplitter', () => {
  it('keeps trailing spaces and every other byte of a line (Q2)', () => {
    const { push } = setup()
    expect(push('@a=b :n PRIVMSG #c :hi  \t \r\n\u{1F600} \u0001x\u0001 \r\n')).toEqual([
      '@a=b :n PRIVMSG #c :hi  \t ',
      '\u{1F600} \u0001x\u0001 ',
    ])
  })

  it('gives the same lines wherever frames are cut, also inside a character or a CR LF (I1)', () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .map((s) => s.replaceAll(/[\r\n]/g, '.'))
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
        const { splitter, seen } = setup()
        const data = Buffer.from(lines.map((text) => `${text}\r\n`).join(''))
        const got: string[] = []
        let from = 0
        for (const cut of [...cuts, data.length]) {
          const to = Math.min(data.length, from + cut)
          got.push(...splitter.push(data.subarray(from, to)))
          from = to
        }
        expect(got).toEqual(lines.filter((text) => text !== ''))
        expect(seen).toEqual({ tooLong: 0, damaged: 0 })
      }),
    )
  })

  it('leaves out a line that never ends, in bounded memory, and goes on with the next one', () => {
    const { push, seen } = setup()
    push('a\r\nb'.padEnd(LINE_BYTES_MAX, 'x'))
    for (let index = 0; index < 10; index += 1) expect(push('x'.repeat(50_000))).toEqual([])
    push('x\r')
    expect(push('\nnext\r\n')).toEqual(['next'])
    expect(seen.tooLong).toBe(1)
  })

  it('leaves out a whole line that is too long', () => {
    const { push, seen } = setup()
    expect(push(`a\r\n${'x'.repeat(LINE_BYTES_MAX + 1)}\r\n${'y'.repeat(30_000)}\r\n`)).toEqual([
      'a',
      'y'.repeat(30_000),
    ])
    expect(seen.tooLong).toBe(1)
  })

  it('never throws on bytes that are no UTF-8, and tells it (S1)', () => {
    const { splitter, seen } = setup()
    expect(splitter.push(Buffer.from([0x61, 0xff, 0x0d, 0x0a]))).toEqual(['a\u{FFFD}'])
    expect(seen.damaged).toBe(1)
  })
})

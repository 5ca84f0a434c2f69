import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { middleOf, toWire } from './wire.ts'

describe('a byte string', () => {
  it('holds the UTF-8 of a text, one character a byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bytes = Buffer.from(toWire(text), 'latin1')
        expect(bytes.equals(Buffer.from(text, 'utf8'))).toBe(true)
      }),
    )
  })

  it('is never cut inside a code point', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const bytes = toWire(text)
        const at = middleOf(bytes)
        const halves = [bytes.slice(0, at), bytes.slice(at)].map((half) =>
          Buffer.from(half, 'latin1').toString('utf8'),
        )
        expect(halves.join('')).toBe(text)
      }),
    )
  })
})

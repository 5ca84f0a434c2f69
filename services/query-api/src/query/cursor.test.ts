import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCursor, encodeCursor } from './cursor.ts'

const position = fc.record({
  sentAtMs: fc.nat({ max: 4_000_000_000_000 }),
  key: fc.stringMatching(/^[0-9a-f]{32}$/),
})

describe('cursor', () => {
  it('comes back as the place and order it was made of (Q3)', () => {
    fc.assert(
      fc.property(position, fc.constantFrom('asc' as const, 'desc' as const), (place, order) => {
        const text = encodeCursor(place, order)
        expect(text).toMatch(/^[\w-]+$/)
        expect(decodeCursor(text)).toEqual({ position: place, order })
      }),
    )
  })

  it('refuses everything else (S1)', () => {
    const good = encodeCursor({ sentAtMs: 5, key: 'a'.repeat(32) }, 'asc')
    for (const text of [
      '',
      'x',
      `${good}=`,
      `${good}A`,
      good.slice(0, -1),
      `${good.slice(0, -1)}_`,
      made(`x5-${'a'.repeat(32)}`),
      made(`a05-${'a'.repeat(32)}`),
      made(`a9999999999999999-${'a'.repeat(32)}`),
      made(`a5-${'A'.repeat(32)}`),
      made(`a5-${'a'.repeat(31)}`),
      good.repeat(1000),
    ]) {
      expect([text, decodeCursor(text)]).toEqual([text, undefined])
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeCursor(text)).not.toThrow()
      }),
    )
  })
})

function made(content: string): string {
  return Buffer.from(content).toString('base64url')
}

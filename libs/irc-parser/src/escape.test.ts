import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeTagValue, unescapeTagValue } from './escape.ts'

/** Any UTF-16 units, half surrogate pairs too. */
const anyText = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))

describe('unescapeTagValue', () => {
  it.each([
    ['plain', 'plain'],
    ['a\\:b\\sc\\\\d\\re\\nf', 'a;b c\\d\re\nf'],
    ['\\\\s', '\\s'],
    ['lone\\', 'lone'],
    ['\\', ''],
    ['\\b\\1', 'b1'],
    ['\\\\\\', '\\'],
  ])('reads %j as %j', (value, text) => {
    expect(unescapeTagValue(value)).toBe(text)
  })

  it('gives back every text that was escaped', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(unescapeTagValue(escapeTagValue(text))).toBe(text)
      }),
    )
  })
})

describe('escapeTagValue', () => {
  it('leaves nothing that would end a tag or a line', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeTagValue(text)).not.toMatch(/[; \r\n]/)
      }),
    )
  })

  it('knows every escape', () => {
    expect(escapeTagValue('; \\\r\nx')).toBe('\\:\\s\\\\\\r\\nx')
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { currentTag, encodedTag } from './entity-tag.ts'

describe('If-None-Match', () => {
  it.each([
    [undefined, undefined],
    ['"abc"', '"abc"'],
    ['W/"abc"', 'W/"abc"'],
    ['"x", "abc-zstd" , "y"', '"abc-zstd"'],
    ['*', '"abc"'],
    ['"abd"', undefined],
    ['abc', undefined],
    ['"abc-lz4"', undefined],
    ['"ab\\"c"', undefined],
    ['', undefined],
  ])('of %s finds the copy that is current: %s', (header, expected) => {
    expect(currentTag(header, '"abc"')).toBe(expected)
  })

  it('finds a tag in any coding, and nothing in anything else (S1)', () => {
    expect(currentTag(encodedTag('"abc"', 'br'), '"abc"')).toBe('"abc-br"')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => {
        fc.pre(!header.includes('abc') && header.trim() !== '*')
        expect(currentTag(header, '"abc"')).toBe(undefined)
      }),
    )
  })
})

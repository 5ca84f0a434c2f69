import { isAbsolute, join, relative } from 'node:path'
import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertKey, assertPrefix, compareKeys, isKey, KEY_BYTES_MAX } from './keys.ts'

const EVIL = ['.', '..', '', '/', '\\', '\0', '\n', '%2e%2e', '~', '\uD800', ' ', '...', 'C:', 'a']
const anyKey = oneof(
  string({ unit: 'binary', maxLength: 40 }),
  array(constantFrom(...EVIL), { maxLength: 6 }).map((parts) => parts.join('/')),
  array(constantFrom(...EVIL), { maxLength: 8 }).map((parts) => parts.join('')),
)

describe('a key', () => {
  it('that is accepted stays below the folder and the prefix, as it is (S1)', () => {
    assert(
      property(anyKey, (key) => {
        if (!isKey(key)) return
        const path = join('/srv/store', key)
        expect(path).toBe(`/srv/store/${key}`)
        expect(relative('/srv/store', path)).toBe(key)
        expect(isAbsolute(key)).toBe(false)
        expect(new URL(`http://host/bucket/${encodeURIComponent(key)}`).pathname).toMatch(
          /^\/bucket\/./,
        )
        expect(Buffer.from(key).toString()).toBe(key)
        expect(Buffer.byteLength(key)).toBeLessThanOrEqual(KEY_BYTES_MAX)
      }),
      { numRuns: 2_000 },
    )
  })

  it('that is accepted is also a prefix, with or without a slash', () => {
    assert(
      property(anyKey, (key) => {
        if (!isKey(key)) return
        expect(() => assertPrefix(key)).not.toThrow()
        expect(() => assertPrefix(`${key}/`)).not.toThrow()
      }),
    )
  })

  it('of the formats of segments is accepted', () => {
    for (const key of [
      'by-channel/date=2026-11-21/shard=07/hour-13-42-01JD3Z5X8M7R9QK2V4W6Y8A0BC.parquet',
      'by-user/month=2026-11/users=03/fold-1-01JD3Z5X8M7R9QK2V4W6Y8A0BC.parquet',
    ]) {
      expect(isKey(key)).toBe(true)
    }
  })

  it('that is refused is told with the reason and escaped', () => {
    expect(() => assertKey('a/../b\n')).toThrow(/^bad object key "a\/\.\.\/b\\n": /)
  })
})

describe('the order of keys', () => {
  it('is the order of their bytes', () => {
    assert(
      property(array(string({ unit: 'grapheme' })), (keys) => {
        const bytes = keys.map((key) => Buffer.from(key)).toSorted((a, b) => Buffer.compare(a, b))
        expect(keys.toSorted(compareKeys)).toEqual(bytes.map((key) => key.toString()))
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { decodeManifest, encodeSegmentEntry } from './manifest.ts'
import { segmentEntry } from './testing/lines.ts'

describe('manifest', () => {
  it('brings entries back in the order of their numbers', () => {
    const [second, first] = [segmentEntry({ number: 10 }), segmentEntry({ number: 9 })]
    const values = [second, first].map(encodeSegmentEntry)
    expect(decodeManifest(values)).toEqual([first, second])
  })

  it('refuses to write an entry that it could not read back', () => {
    const bad = segmentEntry({ digest: 'x' })
    expect(() => encodeSegmentEntry(bad)).toThrow(expect.objectContaining({ kind: 'invalid' }))
  })

  it.each(['', '{', 'null', '{}', '[]', JSON.stringify({ ...segmentEntry(), records: -1 }), 7])(
    'calls %j corrupt instead of passing it on (S1)',
    (value) => {
      expect(() => decodeManifest([value])).toThrow(expect.objectContaining({ kind: 'corrupt' }))
    },
  )
})

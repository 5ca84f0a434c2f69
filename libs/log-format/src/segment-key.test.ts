import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSegmentKey, segmentKey } from './segment-key.ts'
import { testIdentity } from './testing.ts'

const ULID = '01KAMB6Z5T8R9XQ3W7D2E4F6GH'

describe('a segment key', () => {
  it('names date, shard, hour and number', () => {
    const identity = testIdentity({ shard: 7, number: 42 })
    expect(segmentKey(identity, ULID)).toBe(
      `by-channel/date=2026-11-21/shard=07/hour-13-42-${ULID}.parquet`,
    )
    expect(segmentKey({ ...identity, level: 'day' }, ULID)).toBe(
      `by-channel/date=2026-11-21/shard=07/day-42-${ULID}.parquet`,
    )
  })

  it('is read back as what it was built from', () => {
    const identities = fc.record({
      shard: fc.integer({ min: 0, max: 1023 }),
      number: fc.integer({ min: 0, max: 999_999_999_999 }),
      level: fc.constantFrom('hour' as const, 'day' as const),
      arrivalFromMs: fc.integer({ min: 0, max: Date.UTC(9999, 0) }),
    })
    const ulids = fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
    fc.assert(
      fc.property(identities, ulids, (changes, ulid) => {
        const { shard, number, level, arrivalFromMs } = changes
        const parts = parseSegmentKey(segmentKey(testIdentity(changes), ulid))
        const from = new Date(arrivalFromMs)
        expect(parts).toEqual({
          projection: 'by-channel',
          level,
          dateMs: Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()),
          hour: level === 'hour' ? from.getUTCHours() : undefined,
          shard,
          number,
          ulid,
        })
      }),
    )
  })

  it.each([
    '',
    'by-channel/',
    `by-user/date=2026-11-21/shard=07/day-42-${ULID}.parquet`,
    `by-channel/date=2026-02-30/shard=07/day-42-${ULID}.parquet`,
    `by-channel/date=2026-11-21/shard=7/day-42-${ULID}.parquet`,
    `by-channel/date=2026-11-21/shard=007/day-42-${ULID}.parquet`,
    `by-channel/date=2026-11-21/shard=07/day-042-${ULID}.parquet`,
    `by-channel/date=2026-11-21/shard=07/hour-24-42-${ULID}.parquet`,
    `by-channel/date=2026-11-21/shard=07/hour-42-${ULID}.parquet`,
    `by-channel/date=2026-11-21/shard=07/day-42-${ULID.toLowerCase()}.parquet`,
    `by-channel/date=2026-11-21/shard=07/day-42-${ULID}.parquet.tmp`,
    `x/by-channel/date=2026-11-21/shard=07/day-42-${ULID}.parquet`,
  ])('is not %j', (key) => {
    expect(parseSegmentKey(key)).toBeUndefined()
  })

  it('cannot be built of what cannot be read back', () => {
    expect(() => segmentKey(testIdentity(), 'no ulid')).toThrow('no segment key')
    expect(() => segmentKey(testIdentity({ number: -1 }), ULID)).toThrow('no segment key')
    expect(() => segmentKey(testIdentity({ shard: 1.5 }), ULID)).toThrow('no segment key')
  })
})

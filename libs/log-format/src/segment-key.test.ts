import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSegmentKey, segmentKey } from './segment-key.ts'
import { testIdentity } from './testing.ts'
import type { SegmentIdentity } from './types.ts'

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

  it.each([
    ['by-user', 'run', `by-user/date=2026-11-21/shard=07/users=03/run-42-${ULID}.parquet`],
    ['by-user', 'fold', `by-user/month=2026-11/users=03/fold-42-${ULID}.parquet`],
    ['words', 'day', `words/date=2026-11-21/shard=07/day-42-${ULID}.parquet`],
    ['words', 'fold', `words/month=2026-11/shard=07/fold-42-${ULID}.parquet`],
  ] as const)('of a %s %s names what it holds', (projection, level, key) => {
    const shard = projection === 'by-user' && level === 'fold' ? 3 : 7
    const identity = testIdentity({ shard, users: 3, number: 42, projection, level })
    expect(segmentKey(identity, ULID)).toBe(key)
  })

  it('is read back as what it was built from', () => {
    const kinds = fc.constantFrom(
      ...(['hour', 'day'] as const).map((level) => ({ projection: 'by-channel', level }) as const),
      ...(['run', 'fold'] as const).map((level) => ({ projection: 'by-user', level }) as const),
      ...(['day', 'fold'] as const).map((level) => ({ projection: 'words', level }) as const),
    )
    const shard = fc.integer({ min: 0, max: 1023 })
    const identities = fc
      .record({
        shard,
        users: shard,
        number: fc.integer({ min: 0, max: 999_999_999_999 }),
        kind: kinds,
        arrivalFromMs: fc.integer({ min: 0, max: Date.UTC(9999, 0) }),
      })
      .map(changesOf)
    const ulids = fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
    fc.assert(
      fc.property(identities, ulids, (changes, ulid) => {
        const { arrivalFromMs, ...rest } = changes
        const parts = parseSegmentKey(segmentKey(testIdentity(changes), ulid))
        const from = new Date(arrivalFromMs)
        expect(parts).toEqual({
          ...rest,
          dateMs: Date.UTC(
            from.getUTCFullYear(),
            from.getUTCMonth(),
            rest.level === 'fold' ? 1 : from.getUTCDate(),
          ),
          hour: rest.level === 'hour' ? from.getUTCHours() : undefined,
          ulid,
        })
      }),
    )
  })

  it.each([
    '',
    'by-channel/',
    `by-user/date=2026-11-21/shard=07/day-42-${ULID}.parquet`,
    `by-user/date=2026-11-21/shard=07/users=03/day-42-${ULID}.parquet`,
    `by-user/date=2026-11-21/shard=07/users=3/run-42-${ULID}.parquet`,
    `by-user/month=2026-13/users=03/fold-42-${ULID}.parquet`,
    `by-user/month=2026-11/shard=03/fold-42-${ULID}.parquet`,
    `words/date=2026-11-21/shard=07/hour-13-42-${ULID}.parquet`,
    `words/date=2026-11-21/shard=07/42-${ULID}.parquet`,
    `words/month=2026-11-21/shard=07/fold-42-${ULID}.parquet`,
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
    expect(() => segmentKey(testIdentity({ number: -1 }), ULID)).toThrow('no segment identity')
    expect(() => segmentKey(testIdentity({ shard: 1.5 }), ULID)).toThrow('no segment identity')
    expect(() => segmentKey(testIdentity({ level: 'run' }), ULID)).toThrow('no segment identity')
    expect(() => segmentKey(testIdentity({ projection: 'by-user', level: 'run' }), ULID)).toThrow(
      'no segment identity',
    )
    expect(() => segmentKey(testIdentity({ shard: 10_000 }), ULID)).toThrow('no segment key')
  })
})

/** What an identity of some kind has: only by-user has `users`, and its folds no other shard. */
function changesOf(made: {
  readonly shard: number
  readonly users: number
  readonly number: number
  readonly kind: Pick<SegmentIdentity, 'projection' | 'level'>
  readonly arrivalFromMs: number
}): Omit<SegmentIdentity, 'shards' | 'arrivalToMs'> {
  const { shard, users, number, kind, arrivalFromMs } = made
  const { projection, level } = kind
  const isUserFold = projection === 'by-user' && level === 'fold'
  const common = { projection, level, number, arrivalFromMs, shard: isUserFold ? users : shard }
  return { ...common, users: projection === 'by-user' ? users : undefined }
}

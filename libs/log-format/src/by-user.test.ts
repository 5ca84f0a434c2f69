import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFooterCache } from './footer-cache.ts'
import { comparePositions, compareUserRecords } from './order.ts'
import { readSegment } from './read-segment.ts'
import { generateRecords, testIdentity } from './testing.ts'
import { readAll, storedSegment } from './testing/stored-segment.ts'
import type { LogRecord, SegmentQuery } from './types.ts'
import { verifySegment } from './verify-segment.ts'

/** Three channels, a few users with hundreds of records, many with some: three row groups. */
const RECORDS = [...generateRecords({ channels: 3, recordsEach: 8000, users: 400 })].toSorted(
  compareUserRecords,
)
const IDENTITY = testIdentity({ projection: 'by-user', level: 'run', users: 0 })
const stored = storedSegment(RECORDS, {}, IDENTITY)

function expected(query: SegmentQuery): LogRecord[] {
  const { channelId, userId, types, fromMs, toMs, after, order } = query
  const sign = order === 'asc' ? 1 : -1
  const found = RECORDS.filter(
    (record) =>
      (channelId === undefined || record.channelId === channelId) &&
      (userId === undefined || record.userId === userId) &&
      (types === undefined || types.has(record.type)) &&
      record.sentAtMs >= fromMs &&
      record.sentAtMs < toMs &&
      (after === undefined || sign * comparePositions(record, after) > 0),
  )
  return order === 'asc' ? found : found.toReversed()
}

function keys(records: readonly LogRecord[]): string[] {
  return records.map(({ channelId, key }) => `${channelId} ${key}`)
}

const some = fc.constantFrom(...RECORDS.filter((_, index) => index % 97 === 0))
const QUERY = fc.record({
  channelId: fc.option(
    some.map(({ channelId }) => channelId),
    { nil: undefined },
  ),
  userId: fc.option(
    some.map(({ userId }) => userId),
    { nil: undefined, freq: 6 },
  ),
  types: fc.constantFrom(undefined, new Set(['PRIVMSG' as const]), new Set(['CLEARCHAT' as const])),
  fromMs: fc.oneof(
    fc.constant(0),
    some.map(({ sentAtMs }) => sentAtMs),
  ),
  toMs: fc.oneof(
    fc.constant(Infinity),
    some.map(({ sentAtMs }) => sentAtMs + 600_000),
  ),
  after: fc.option(
    some.map(({ sentAtMs, key }) => ({ sentAtMs, key })),
    { nil: undefined },
  ),
  order: fc.constantFrom('asc' as const, 'desc' as const),
})

describe('reading a by-user segment', () => {
  it('answers any query as a scan of all records would (Q3)', async () => {
    const { source } = await stored
    const footers = createFooterCache()
    await fc.assert(
      fc.asyncProperty(QUERY, async (query) => {
        const found: LogRecord[] = []
        for await (const batch of readSegment(source, query, { footers })) found.push(...batch)
        const wanted = expected(query)
        if (found.length !== wanted.length) throw new Error(`${found.length} of ${wanted.length}`)
        expect(keys(found).join()).toBe(keys(wanted).join())
      }),
      { numRuns: 40 },
    )
  })

  it('gives back every line of a user as it was (Q2)', async () => {
    const { source } = await stored
    const userId = '10001'
    const query = { userId, fromMs: 0, toMs: Infinity, order: 'desc' } as const
    expect(await readAll(source, query)).toEqual(expected(query))
  })

  it('takes one request for a user, and one for the footer', async () => {
    const { source, requests } = await stored
    const users = [...new Set(RECORDS.map(({ userId }) => userId))]
    const footers = createFooterCache()
    for (const order of ['asc', 'desc'] as const) {
      for (const userId of users.filter((_, index) => index % 20 === 0)) {
        requests.length = 0
        const query = { userId, fromMs: 0, toMs: Infinity, order }
        for await (const batch of readSegment(source, query, { footers })) {
          expect(batch.length).toBeGreaterThan(0)
        }
        expect(requests.length).toBeLessThanOrEqual(userId === users[0] ? 2 : 1)
      }
    }
    requests.length = 0
    expect(await readAll(source, { userId: '10000' })).not.toEqual([])
    expect(requests.length).toBeLessThanOrEqual(3)
  })

  it('asks for nothing where no row group can hold the user', async () => {
    const { source, requests } = await stored
    const footers = createFooterCache()
    const query = { fromMs: 0, toMs: Infinity, order: 'asc' } as const
    expect(await readAll(source, { userId: '9' })).toEqual([])
    for await (const batch of readSegment(source, { ...query, userId: '9' }, { footers })) {
      expect(batch).toEqual([])
    }
    requests.length = 0
    for await (const batch of readSegment(source, { ...query, userId: '9' }, { footers })) {
      expect(batch).toEqual([])
    }
    expect(requests).toEqual([])
  })

  it('is verified, order and all', async () => {
    const { source, summary } = await stored
    expect(await verifySegment(source)).toEqual(summary)
  })
})

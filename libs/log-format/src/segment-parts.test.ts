import { describe, expect, it } from 'vitest'
import { createFooterCache } from './footer-cache.ts'
import { compareRecords, compareUserRecords } from './order.ts'
import { readSegment } from './read-segment.ts'
import { spokenText } from './record-text.ts'
import { segmentParts } from './segment-parts.ts'
import type { PartQuery } from './segment-parts.ts'
import { generateRecords, testIdentity } from './testing.ts'
import { storedSegment } from './testing/stored-segment.ts'
import type { LogRecord, SegmentSource } from './types.ts'

/** Small channels share a row group, the large one fills two. */
const RECORDS = [
  ...generateRecords({ channels: 20, recordsEach: 50 }),
  ...generateRecords({ channels: 1, recordsEach: 20_000, seed: 2, firstChannel: 9000 }),
]
const byChannel = storedSegment(RECORDS.toSorted(compareRecords))
const byUser = storedSegment(
  RECORDS.toSorted(compareUserRecords),
  {},
  testIdentity({ projection: 'by-user', level: 'run', users: 0 }),
)
const START_MS = RECORDS[0]?.sentAtMs ?? 0
const ALL = { fromMs: 0, toMs: Infinity }

/** What the rows of a record tell. */
function rowOf(record: LogRecord): string {
  const { channelId, userId, sentAtMs } = record
  return `${channelId} ${userId} ${sentAtMs} ${spokenText(record).login || null}`
}

async function read(source: SegmentSource, query: PartQuery): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const batch of readSegment(source, { ...query, order: 'asc' })) records.push(...batch)
  return records
}

const QUERIES: readonly (readonly [string, PartQuery])[] = [
  ['everything', ALL],
  ['a small channel', { ...ALL, channelId: '1007' }],
  ['a channel that is not there', { ...ALL, channelId: '1008' }],
  [
    'a type and a time',
    {
      channelId: '9000',
      types: new Set(['CLEARCHAT']),
      fromMs: START_MS + 100_000,
      toMs: START_MS + 1_900_000,
    },
  ],
  ['a user', { ...ALL, userId: '10003' }],
  ['a user in a channel', { ...ALL, userId: '10003', channelId: '9000' }],
]

describe.each([
  ['by-channel', byChannel],
  ['by-user', byUser],
])('the parts of a %s segment', (_, stored) => {
  it.each(QUERIES)('have the rows that reading it gives, of %s', async (__, query) => {
    const { source } = await stored
    const footers = createFooterCache()
    const wanted = await read(source, query)
    const rows: string[] = []
    const records: LogRecord[] = []
    for (const part of await segmentParts(source, query, { footers, hasLogins: true })) {
      const loaded = await part.load()
      const [users, times, logins] = [loaded.userIds(), loaded.sentAtMs(), loaded.logins()]
      expect(loaded.length).toBeLessThanOrEqual(part.rows)
      for (const [at, channelId] of loaded.channelIds().entries()) {
        const timeMs = times[at] ?? Number.NaN
        expect(timeMs >= part.sentMinMs && timeMs <= part.sentMaxMs).toBe(true)
        rows.push(`${channelId} ${users[at]} ${timeMs} ${logins[at]}`)
      }
      const some = Array.from({ length: loaded.length }, (___, at) => at).filter(
        (at) => at % 50 === 7,
      )
      records.push(...(await loaded.records(some)))
    }
    expect(rows.join('\n')).toBe(wanted.map(rowOf).join('\n'))
    const lines = new Set(wanted.map(({ raw }) => raw))
    expect(records.every(({ raw }) => lines.has(raw))).toBe(true)
    expect(records.length).toBeGreaterThanOrEqual(Math.floor(wanted.length / 100))
  })
})

describe('the parts of a segment', () => {
  it('cost one request each, after that of the footer', async () => {
    const { source, requests } = await storedSegment(RECORDS.toSorted(compareRecords))
    const footers = createFooterCache()
    const parts = await segmentParts(source, { ...ALL, channelId: '9000' }, { footers })
    expect([requests.length, parts.length]).toEqual([1, 2])
    for (const part of parts) await part.load()
    expect(requests.length).toBe(3)
  })
})

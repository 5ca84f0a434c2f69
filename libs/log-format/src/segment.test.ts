import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFooterCache } from './footer-cache.ts'
import { encodeSegment } from './encode-segment.ts'
import { knownKeys } from './known-keys.ts'
import { comparePositions, compareRecords } from './order.ts'
import { readSegmentIdentity } from './open-segment.ts'
import { readSegment } from './read-segment.ts'
import { recordFromLine } from './record-from-line.ts'
import { generateRecords, testIdentity } from './testing.ts'
import { ircLine } from './testing/irc-line.ts'
import { readAll, storedSegment } from './testing/stored-segment.ts'
import type { LogRecord, SegmentQuery } from './types.ts'
import { verifySegment } from './verify-segment.ts'

/** Small channels share a row group, the two large ones fill several. */
const RECORDS = [
  ...generateRecords({ channels: 30, recordsEach: 100 }),
  ...generateRecords({ channels: 2, recordsEach: 10_000, seed: 2, firstChannel: 9000 }),
]

const large = storedSegment(RECORDS)

function unique(lines: readonly string[]): LogRecord[] {
  const byPlace = new Map<string, LogRecord>()
  for (const [index, line] of lines.entries()) {
    const record = recordFromLine(line, { channelId: '7', receivedAtMs: 5000 + index })
    if (record !== undefined) {
      byPlace.set(`${record.channelId} ${record.sentAtMs} ${record.key}`, record)
    }
  }
  return [...byPlace.values()].toSorted(compareRecords)
}

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

/** Where two lists differ first, -1 when nowhere: `toEqual` on ten thousands of records takes seconds. */
function firstDifference(found: readonly LogRecord[], wanted: readonly LogRecord[]): number {
  if (found.length !== wanted.length) return Math.min(found.length, wanted.length)
  return found.findIndex((record, at) => JSON.stringify(record) !== JSON.stringify(wanted[at]))
}

describe('a segment', () => {
  it('gives back every record as it was (Q2)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ircLine(), { minLength: 1, maxLength: 40 }), async (lines) => {
        const records = unique(lines)
        fc.pre(records.length > 0)
        const { source, summary } = await storedSegment(records)
        expect(await readAll(source)).toEqual(records)
        expect(await verifySegment(source)).toEqual(summary)
      }),
      { numRuns: 30 },
    )
  })

  it('keeps a record whose fields are not those of its line', async () => {
    const [record] = unique([':tmi.twitch.tv NOTICE #big :x'])
    if (record === undefined) throw new Error('no record')
    const odd = { ...record, channelId: '99', userId: '12', sentAtMs: 1, type: 'GAP' } as const
    const unparsed = { ...odd, sentAtMs: 2, channelLogin: '', raw: 'no irc line \u{1f600}' }
    const { source } = await storedSegment([odd, unparsed])
    expect(await readAll(source)).toEqual([odd, unparsed])
  })

  it('says what it holds, and says so again from its footer', async () => {
    const { source, summary, bytes } = await large
    expect(summary).toMatchObject({
      records: RECORDS.length,
      sizeBytes: bytes.length,
      sentMinMs: Math.min(...RECORDS.map(({ sentAtMs }) => sentAtMs)),
      sentMaxMs: Math.max(...RECORDS.map(({ sentAtMs }) => sentAtMs)),
    })
    expect(await readSegmentIdentity(source)).toEqual({ identity: testIdentity(), summary })
    expect(await verifySegment(source)).toEqual(summary)
  })

  it('answers any query as a scan of all records would (Q3)', async () => {
    const { source } = await large
    const some = fc.constantFrom(...RECORDS.filter((_, index) => index % 97 === 0))
    const query = fc.record({
      channelId: some.map((record) => record.channelId),
      userId: fc.option(
        some.map((record) => record.userId),
        { nil: undefined },
      ),
      types: fc.option(
        fc.constantFrom(new Set(['PRIVMSG' as const]), new Set(['CLEARCHAT' as const])),
        {
          nil: undefined,
        },
      ),
      fromMs: fc.oneof(
        fc.constant(0),
        some.map((record) => record.sentAtMs),
      ),
      toMs: fc.oneof(
        fc.constant(Infinity),
        some.map((record) => record.sentAtMs + 60_000),
      ),
      after: fc.option(
        some.map(({ sentAtMs, key }) => ({ sentAtMs, key })),
        { nil: undefined },
      ),
      order: fc.constantFrom('asc' as const, 'desc' as const),
    })
    await fc.assert(
      fc.asyncProperty(query, async (wanted) => {
        expect(firstDifference(await readAll(source, wanted), expected(wanted))).toBe(-1)
      }),
      { numRuns: 30 },
    )
  })

  it.each(['asc', 'desc'] as const)('is paged %s without skip or repeat (Q3)', async (order) => {
    const { source } = await large
    const channelId = RECORDS.at(-1)?.channelId
    const paged: LogRecord[] = []
    for (let pages = 0; pages < 40; pages += 1) {
      const after = paged.at(-1)
      const query = { fromMs: 0, toMs: Infinity, order, channelId, after } as const
      const reading = readSegment(source, query)
      const page = await reading.next()
      await reading.return(undefined)
      if (page.done === true) break
      paged.push(...page.value.slice(0, 333))
    }
    const query = { fromMs: 0, toMs: Infinity, order, channelId }
    expect(firstDifference(paged, expected(query))).toBe(-1)
  })

  it('gives all channels one after the other when none is named', async () => {
    const { source } = await large
    expect(firstDifference(await readAll(source), RECORDS)).toBe(-1)
    expect(firstDifference(await readAll(source, { order: 'desc' }), RECORDS.toReversed())).toBe(-1)
    expect(await readAll(source, { userId: '' })).toEqual([])
    const ofUser = RECORDS.filter(({ userId }) => userId === '10003')
    expect(firstDifference(await readAll(source, { userId: '10003' }), ofUser)).toBe(-1)
  })

  it('reads only the row groups a query can need', async () => {
    const { source, requests, bytes } = await large
    const channelId = RECORDS.at(-1)?.channelId
    const footers = createFooterCache()
    const query = { fromMs: 0, toMs: Infinity, order: 'asc', channelId } as const
    let records = 0
    for await (const batch of readSegment(source, query, { footers })) records += batch.length
    requests.length = 0
    for await (const batch of readSegment(source, query, { footers })) records += batch.length
    expect(records).toBe(20_000)
    expect(requests).toHaveLength(1)
    expect(requests[0]?.start).toBeGreaterThan(bytes.length / 3)
    requests.length = 0
    for await (const batch of readSegment(source, { ...query, channelId: '1' }, { footers })) {
      expect(batch).toEqual([])
    }
    expect(requests).toEqual([])
  })

  it.each(['asc', 'desc'] as const)(
    'fetches one row group for the first page and neighbours together, %s',
    async (order) => {
      const { source, requests } = await large
      const footers = createFooterCache()
      const query = { fromMs: 0, toMs: Infinity, order } as const
      await readSegment(source, query, { footers }).next()
      requests.length = 0
      const reading = readSegment(source, query, { footers })
      const first = await reading.next()
      expect(requests).toHaveLength(1)
      let records = first.done === true ? 0 : first.value.length
      for await (const batch of reading) records += batch.length
      expect(records).toBe(RECORDS.length)
      expect(requests).toHaveLength(2)
    },
  )

  it('stops when the caller stops, and when the signal says so', async () => {
    const { source } = await large
    const query = { fromMs: 0, toMs: Infinity, order: 'asc' } as const
    for await (const batch of readSegment(source, query)) {
      expect(batch.length).toBeGreaterThan(0)
      break
    }
    const abort = new AbortController()
    const reading = readSegment(source, { ...query, signal: abort.signal })
    await reading.next()
    abort.abort(new Error('client went away'))
    await expect(reading.next()).rejects.toThrow('client went away')
    await expect(readAll(source, { signal: abort.signal })).rejects.toThrow('client went away')
  })

  it('knows which records it holds', async () => {
    const { source } = await large
    const held = RECORDS.filter((_, index) => index % 2000 === 0)
    const others = held.map((record, index) => ({
      ...record,
      ...(index % 2 === 0 ? { key: '0'.repeat(32) } : { sentAtMs: record.sentAtMs + 1 }),
    }))
    expect(await knownKeys(source, [...held, ...others])).toEqual(
      new Set(held.map(({ key }) => key)),
    )
    expect(await knownKeys(source, [])).toEqual(new Set())
  })

  it('knows many records by one request for neighbouring row groups', async () => {
    const { source, requests } = await large
    const footers = createFooterCache()
    const some = RECORDS.filter((_, index) => index % 3 === 0)
    await knownKeys(source, some.slice(0, 1), { footers })
    requests.length = 0
    const known = await knownKeys(source, some, { footers })
    expect(known.size).toBe(new Set(some.map(({ key }) => key)).size)
    expect(requests).toHaveLength(1)
    requests.length = 0
    const last = RECORDS.slice(-1)
    expect(await knownKeys(source, last, { footers })).toEqual(new Set(last.map(({ key }) => key)))
    expect(requests.length).toBeLessThanOrEqual(2)
  })

  it('takes batches and asynchronous input, and writes to a file', async () => {
    const batches = [RECORDS.slice(0, 10), RECORDS.slice(10, 12)]
    const whole = await encodeSegment(RECORDS.slice(0, 12), testIdentity())
    const { summary } = await encodeSegment(asynchronously(batches), testIdentity())
    expect(summary).toEqual(whole.summary)
  })

  it('refuses unsorted, equal and no records', async () => {
    const [first, second] = RECORDS
    if (first === undefined || second === undefined) throw new Error('no records')
    await expect(encodeSegment([second, first], testIdentity())).rejects.toThrow('not sorted')
    await expect(encodeSegment([first, first], testIdentity())).rejects.toThrow(
      'not sorted or equal',
    )
    await expect(encodeSegment([], testIdentity())).rejects.toThrow('at least one record')
  })
})

async function* asynchronously<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  for (const item of items) {
    await Promise.resolve()
    yield item
  }
}

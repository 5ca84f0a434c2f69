import type { LogRecord } from '@poglog/log-format'
import { comparePositions } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { QueryApp } from '../app-types.ts'
import { fakeApp } from '../testing/fake-app.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'
import { storeGroup, storeSegment } from '../testing/segments.ts'

const START_MS = 1_700_000_000_000
const pageSchema = z.object({
  messages: z.array(z.object({ raw: z.string() })),
  nextCursor: z.string().nullable(),
  previousCursor: z.string().nullable(),
})
type Page = z.infer<typeof pageSchema>

const moments = fc.array(fc.nat(9), { minLength: 1, maxLength: 30 })
const place = fc.record({
  path: fc.constantFrom('/channel/10/logs', '/user/2/logs', '/channel/10/logs?user=2'),
  order: fc.constantFrom('asc' as const, 'desc' as const),
  limit: fc.integer({ min: 1, max: 7 }),
  pages: fc.nat(8),
})

/** One record a moment, many of them sent at the same time: a third compacted, a third sealed, a third hot. */
async function logOf(offsets: readonly number[]): Promise<{ app: QueryApp; records: LogRecord[] }> {
  const [hot, cold] = [new FakeHot(), memoryObjectStore()]
  const records = offsets.map((offset, number) => recordOf({ number, sentAtMs: START_MS + offset }))
  const [firstMs, third] = [hot.nextArrivalMs, Math.ceil(records.length / 3)]
  hot.append(records)
  hot.boundaryMs = firstMs + 2 * third
  const shard = { shard: 0, shards: 1, arrivalFromMs: firstMs, arrivalToMs: hot.boundaryMs }
  const group = { ...shard, firstNumber: 1, userShardOf: () => 0 }
  hot.segments.push(...(await storeGroup(records.slice(0, third), group, cold)))
  const sealed = records.slice(third, 2 * third)
  const hour = { ...shard, number: 9, projection: 'by-channel', level: 'hour' } as const
  if (sealed.length > 0) hot.segments.push(await storeSegment(sealed, hour, cold))
  return { app: fakeApp({ hot, cold }), records }
}

async function pageOf(
  app: QueryApp,
  asked: { path: string; order: string; limit: number; cursor: string | null },
): Promise<Page> {
  const [path = '', query] = asked.path.split('?')
  const search = new URLSearchParams(query)
  search.set('order', asked.order)
  search.set('limit', String(asked.limit))
  if (asked.cursor !== null) search.set('cursor', asked.cursor)
  const response = await app.request(`${path}?${search.toString()}`)
  expect(response.status).toBe(200)
  return pageSchema.parse(await response.json())
}

const linesOf = ({ messages }: Page): string[] => messages.map(({ raw }) => raw)

describe('the pages of a log', () => {
  it('go on and back from any one of them, every record once and in order (Q3)', async () => {
    await fc.assert(
      fc.asyncProperty(moments, place, async (offsets, { pages, ...asked }) => {
        const { app, records } = await logOf(offsets)
        let middle = await pageOf(app, { ...asked, cursor: null })
        for (let at = 0; at < pages && middle.nextCursor !== null; at += 1) {
          middle = await pageOf(app, { ...asked, cursor: middle.nextCursor })
        }
        const allFrom = async (order: string, from: string | null): Promise<string[]> => {
          const lines: string[] = []
          for (let cursor = from; cursor !== null;) {
            const page = await pageOf(app, { ...asked, order, cursor })
            lines.push(...linesOf(page))
            cursor = page.nextCursor
          }
          return lines
        }
        const opposite = asked.order === 'asc' ? 'desc' : 'asc'
        const before = await allFrom(opposite, middle.previousCursor)
        const behind = await allFrom(asked.order, middle.nextCursor)
        const sorted = records.toSorted(comparePositions).map(({ raw }) => raw)
        expect([...before.toReversed(), ...linesOf(middle), ...behind]).toEqual(
          asked.order === 'asc' ? sorted : sorted.toReversed(),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('say where to go back to as soon as they have a message, also the first of them', async () => {
    const { app } = await logOf([1, 2, 3])
    const asked = { path: '/channel/10/logs', order: 'desc', limit: 2 }
    const { previousCursor: cursor } = await pageOf(app, { ...asked, cursor: null })
    // Nothing is newer yet; what comes later is found there.
    expect(await pageOf(app, { ...asked, order: 'asc', cursor })).toEqual({
      messages: [],
      nextCursor: null,
      previousCursor: null,
    })
  })
})

import { createFooterCache } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { READ_LIMITS, RECEIVED_APART_MS_MAX } from '../limits.ts'
import type { ReadDeps } from '../read/deps.ts'
import { PageBoundsCache } from '../read/page-bounds.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'
import { storeSegment } from '../testing/segments.ts'
import { readRecent } from './read-recent.ts'
import type { RecentQuery } from './read-recent.ts'
import { receivedMsOf } from './received.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 1)
const signal = new AbortController().signal
const place = { shard: 0, shards: 1, projection: 'by-channel' } as const

function depsOf(hot: FakeHot, cold: ObjectStore): ReadDeps {
  return {
    hot,
    cold,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: READ_LIMITS,
    onEqualKeys: () => {
      throw new Error('nothing lies in two places')
    },
  }
}

async function read(query: Omit<RecentQuery, 'channelId' | 'signal'>, deps: ReadDeps) {
  const received = await readRecent({ channelId: '10', signal, ...query }, deps)
  return received.map(({ record: { raw }, receivedMs }) => `${receivedMs} ${raw}`)
}

/** A time on either side of what counts as late. */
const lateness = fc.oneof(
  fc.integer({ min: -RECEIVED_APART_MS_MAX - 2, max: RECEIVED_APART_MS_MAX + 2 }),
  fc.integer({ min: 0, max: 100 }),
)
const chat = fc.array(fc.record({ stepMs: fc.integer({ min: 0, max: 400 }), lateMs: lateness }), {
  minLength: 1,
  maxLength: 300,
  size: 'max',
})

describe('the newest lines by receive time (2.1)', () => {
  it('are those that a plain sort finds, in any chat, half of it sealed', async () => {
    const limits = fc.integer({ min: 1, max: 320 })
    const bound = fc.option(fc.integer({ min: -1000, max: 130_000 }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(
        chat,
        limits,
        fc.tuple(bound, bound),
        async (lines, limit, [before, after]) => {
          const hot = new FakeHot()
          const cold = memoryObjectStore()
          let receivedMs = hot.nextArrivalMs - 60_000
          const sealed = lines.slice(0, lines.length >> 1).map(({ stepMs, lateMs }, number) => {
            receivedMs += stepMs
            return recordOf({ number, sentAtMs: receivedMs - lateMs }, receivedMs)
          })
          const live = lines.slice(sealed.length).map(({ lateMs }, at) => {
            const arrivalMs = hot.nextArrivalMs
            const record = recordOf(
              { number: sealed.length + at, sentAtMs: arrivalMs - lateMs },
              arrivalMs,
            )
            hot.append([record])
            return record
          })
          const records = [...sealed, ...live]
          const arrival = { arrivalFromMs: 0, arrivalToMs: live[0]?.receivedAtMs ?? 1 }
          if (sealed.length > 0) {
            const identity = { ...place, ...arrival, number: 1, level: 'hour' } as const
            hot.segments.push(await storeSegment(sealed, identity, cold))
          }
          const startMs = records[0]?.receivedAtMs ?? 0
          const beforeMs = before === undefined ? undefined : startMs + before
          const afterMs = after === undefined ? undefined : startMs + after
          const expected = records
            .map((record) => ({ record, receivedMs: receivedMsOf(record) }))
            .filter(
              ({ receivedMs: ms }) => ms < (beforeMs ?? Infinity) && ms > (afterMs ?? -Infinity),
            )
            .toSorted(
              (one, other) =>
                one.receivedMs - other.receivedMs ||
                one.record.sentAtMs - other.record.sentAtMs ||
                (one.record.key < other.record.key ? -1 : 1),
            )
            .slice(-limit)
            .map(({ record, receivedMs: ms }) => `${ms} ${record.raw}`)
          expect(await read({ limit, beforeMs, afterMs }, depsOf(hot, cold))).toEqual(expected)
        },
      ),
      { numRuns: 60, endOnFailure: true },
    )
  })
})

describe('reading 800 lines of a channel with many days (2.1)', () => {
  it.each([
    { days: 8, lines: 1000, objects: 1, requests: 3, ahead: 1 },
    // Twenty of them hold the answer; what is asked for ahead is never more than eight.
    { days: 40, lines: 40, objects: 28, requests: 60, ahead: READ_LIMITS.openChannelsMax },
  ])('takes few objects and requests: %o', async ({ days, lines, objects, requests, ahead }) => {
    const { hot, counted, keys, openMax } = await archive(days, lines)
    expect(await read({ limit: 800 }, depsOf(hot, counted))).toHaveLength(800)
    expect(new Set(keys).size).toBeLessThanOrEqual(objects)
    expect(keys.length).toBeLessThanOrEqual(requests)
    // One after the other would take a second at 20 ms a request.
    expect(openMax()).toBe(ahead)
  })
})

/** Days as segments of two channels, each saying so many lines a day, and what was asked of the store. */
async function archive(days: number, linesADay: number) {
  const hot = new FakeHot()
  const cold = memoryObjectStore()
  for (let day = 0; day < days; day += 1) {
    const arrivalFromMs = START_MS + day * DAY_MS
    const records: LogRecord[] = []
    for (let number = 0; number < linesADay * 2; number += 1) {
      const sentAtMs = arrivalFromMs + number * 10
      records.push(recordOf({ number, channelId: String(10 + (number % 2)), sentAtMs }))
    }
    const arrival = { arrivalFromMs, arrivalToMs: arrivalFromMs + DAY_MS }
    const identity = { ...place, ...arrival, number: day + 1, level: 'day' } as const
    hot.segments.push(await storeSegment(records, identity, cold))
  }
  const keys: string[] = []
  let open = 0
  let openMax = 0
  const counted: ObjectStore = {
    put: () => Promise.reject(new Error('nothing is written')),
    size: () => Promise.reject(new Error('sizes are known')),
    list: () => {
      throw new Error('nothing is listed')
    },
    delete: () => Promise.reject(new Error('nothing is deleted')),
    deleteMany: () => Promise.reject(new Error('nothing is deleted')),
    close: async () => undefined,
    get: async (key, options) => {
      keys.push(key)
      open += 1
      openMax = Math.max(openMax, open)
      await new Promise((resolve) => setTimeout(resolve, 1))
      open -= 1
      return await cold.get(key, options)
    },
  }
  return { hot, counted, keys, openMax: () => openMax }
}

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

const SMALL_PAGES = { ...READ_LIMITS, firstPageEntries: 7, pageEntries: 10, keptEntries: 20 }

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
  fc.integer({ min: -2 * RECEIVED_APART_MS_MAX, max: 2 * RECEIVED_APART_MS_MAX }),
  // As live chat has it, mostly.
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 0, max: 100 }),
)
/** Runs of lines that are as late as each other, so that whole pages and segments are. */
const chat = fc
  .array(
    fc.record({
      stepMs: fc.integer({ min: 0, max: 400 }),
      lateMs: lateness,
      count: fc.integer({ min: 1, max: 25 }),
    }),
    { minLength: 1, maxLength: 40, size: 'max' },
  )
  .map((runs) => runs.flatMap(({ count, ...line }) => Array.from({ length: count }, () => line)))

describe('the newest lines by receive time (2.1)', () => {
  it('are those that a plain sort finds, in any chat, half of it sealed', async () => {
    const limits = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 61, max: 320 }))
    const bound = fc.option(fc.integer({ min: -1000, max: 130_000 }), { nil: undefined, freq: 1 })
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
          const live = lines.slice(sealed.length).map(({ stepMs, lateMs }, at) => {
            hot.passMs(stepMs)
            const arrivalMs = hot.nextArrivalMs
            const record = recordOf(
              { number: sealed.length + at, sentAtMs: arrivalMs - lateMs },
              arrivalMs,
            )
            hot.append([record])
            return record
          })
          const records = [...sealed, ...live]
          const size = Math.max(1, Math.ceil(sealed.length / 8))
          for (let number = 0; number * size < sealed.length; number += 1) {
            const segment = sealed.slice(number * size, (number + 1) * size)
            const arrivalToMs = (segment.at(-1)?.receivedAtMs ?? 0) + 1
            const identity = { ...place, number, arrivalFromMs: 0, arrivalToMs } as const
            hot.segments.push(await storeSegment(segment, { ...identity, level: 'hour' }, cold))
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
          const deps = { ...depsOf(hot, cold), limits: SMALL_PAGES }
          expect(await read({ limit, beforeMs, afterMs }, deps)).toEqual(expected)
        },
      ),
      { numRuns: 40, endOnFailure: true },
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

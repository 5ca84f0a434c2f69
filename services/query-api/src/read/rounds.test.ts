import { comparePositions } from '@poglog/log-format'
import type { LogRecord, Order } from '@poglog/log-format'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordOf } from '../testing/lines.ts'
import { placesIn } from './log-query.ts'
import { readInRounds } from './rounds.ts'
import { lanesOf, readLane } from './run.ts'
import type { Run } from './run.ts'
import { Selection } from './selection.ts'

const order = fc.constantFrom<Order[]>('asc', 'desc')
/** Sent times of some runs. */
const runTimes = fc.array(fc.array(fc.nat(30), { minLength: 1, maxLength: 12 }), { maxLength: 8 })

function neverEqual(): never {
  throw new Error('nothing is equal here')
}

function recordsOf(times: readonly number[], first: number): LogRecord[] {
  return times.map((sentAtMs, index) => recordOf({ number: first * 100 + index, sentAtMs }))
}

function runOf(records: readonly LogRecord[], isSorted: boolean, opened: { count: number }): Run {
  const times = records.map(({ sentAtMs }) => sentAtMs)
  return {
    minMs: Math.min(...times),
    maxMs: Math.max(...times),
    isSorted,
    async *open() {
      opened.count += 1
      for (let at = 0; at < records.length; at += 3) yield records.slice(at, at + 3)
    },
  }
}

async function collect(batches: AsyncIterable<LogRecord[]>): Promise<string[]> {
  const keys: string[] = []
  for await (const batch of batches) keys.push(...batch.map(({ key }) => key))
  return keys
}

describe('readInRounds', () => {
  it('gives the sorted union of any runs, whatever a round holds (Q3)', async () => {
    const reading = fc.record({
      times: runTimes,
      order,
      size: fc.integer({ min: 1, max: 9 }),
      isSorted: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(reading, async ({ times, order: direction, size, isSorted }) => {
        const compare = placesIn(direction)
        const all = times.map(recordsOf)
        const opened = { count: 0 }
        const runs = all.map((records) =>
          runOf(isSorted ? records.toSorted(compare) : records, isSorted, opened),
        )
        const options = { order: direction, size, onEqualKeys: neverEqual }
        const keys = await collect(readInRounds(runs, undefined, options))
        const sorted = all.flat().toSorted(compare)
        expect(keys).toEqual(sorted.map(({ key }) => key))
      }),
    )
  })

  it('gives a record that two runs hold once, and tells', async () => {
    const records = recordsOf([1, 2, 3], 0)
    const runs = [runOf(records, true, { count: 0 }), runOf(records.slice(1), true, { count: 0 })]
    let equal = 0
    const onEqualKeys = (count: number): void => {
      equal += count
    }
    expect(
      await collect(readInRounds(runs, undefined, { order: 'asc', size: 9, onEqualKeys })),
    ).toHaveLength(3)
    expect(equal).toBe(2)
  })

  it('does not open runs beyond what a round keeps', async () => {
    const opened = { count: 0 }
    const runs = Array.from({ length: 50 }, (_, at) =>
      runOf(recordsOf([at * 10, at * 10 + 1, at * 10 + 2], at), true, opened),
    )
    const batches = readInRounds(runs, undefined, { order: 'asc', size: 3, onEqualKeys: () => {} })
    await batches.next()
    expect(opened.count).toBe(1)
  })

  it('opens a run that does not know its sent times once, and then where it has any', async () => {
    for (const direction of ['asc', 'desc'] as const) {
      const compare = placesIn(direction)
      const unknown = { minMs: Number.NEGATIVE_INFINITY, maxMs: Number.POSITIVE_INFINITY }
      const [empty, late] = [{ count: 0 }, { count: 0 }]
      const history = recordsOf(
        Array.from({ length: 60 }, (_, at) => at),
        0,
      )
      const newest = recordsOf([direction === 'asc' ? 100 : -100], 1)
      const runs = [
        runOf(history.toSorted(compare), true, { count: 0 }),
        ...Array.from({ length: 5 }, () => ({ ...runOf([], true, empty), ...unknown })),
        { ...runOf(newest, true, late), ...unknown },
      ]
      const options = { order: direction, size: 5, onEqualKeys: neverEqual }
      const keys = await collect(readInRounds(runs, undefined, options))
      expect(keys).toEqual([...history, ...newest].toSorted(compare).map(({ key }) => key))
      expect([empty.count, late.count]).toEqual([5, 2])
    }
  })

  it('reads one run first where there is a limit, and more at once where it did not suffice', async () => {
    const reading = { now: 0, most: 0, total: 0 }
    const runs = Array.from({ length: 40 }, (_, at): Run => {
      const [record] = recordsOf([at * 10], at)
      return {
        minMs: at * 10,
        maxMs: at * 10,
        isSorted: false,
        async *open() {
          reading.now += 1
          reading.total += 1
          reading.most = Math.max(reading.most, reading.now)
          await Promise.resolve()
          if (record !== undefined) yield [record]
          reading.now -= 1
        },
      }
    })
    const options = { order: 'asc' as const, size: 100, openMax: 8, onEqualKeys: neverEqual }
    expect(await collect(readInRounds(runs, undefined, options))).toHaveLength(40)
    expect(reading).toEqual({ now: 0, most: 8, total: 40 })
    reading.total = 0
    const few = { ...options, size: 1, limit: 1 }
    expect(await collect(readInRounds(runs, undefined, few))).toHaveLength(1)
    expect(reading.total).toBeLessThanOrEqual(2)
  })

  it('ends with the failure of a run when no other is being read any more', async () => {
    let now = 0
    const runs = Array.from({ length: 9 }, (_, at): Run => ({
      minMs: at,
      maxMs: at,
      isSorted: false,
      async *open() {
        now += 1
        await Promise.resolve()
        now -= 1
        if (at === 4) throw new Error('away')
        yield recordsOf([at], at)
      },
    }))
    const options = { order: 'asc' as const, size: 3, openMax: 3, onEqualKeys: neverEqual }
    await expect(collect(readInRounds(runs, undefined, options))).rejects.toThrow('away')
    expect(now).toBe(0)
  })

  it('ends by its signal', async () => {
    const signal = AbortSignal.abort(new Error('gone'))
    const runs = [runOf(recordsOf([1], 0), true, { count: 0 })]
    const options = { order: 'asc' as const, size: 3, onEqualKeys: () => {}, signal }
    await expect(collect(readInRounds(runs, undefined, options))).rejects.toThrow('gone')
  })
})

describe('lanesOf', () => {
  it('puts runs one after the other, clear of each other, and loses none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(40), fc.nat(6)), { maxLength: 20 }),
        order,
        (spans, direction) => {
          const runs = spans.map(([minMs, lengthMs]) => ({ minMs, maxMs: minMs + lengthMs }))
          const lanes = lanesOf(runs, direction)
          expect(lanes.flat()).toHaveLength(runs.length)
          expect(new Set(lanes.flat())).toEqual(new Set(runs))
          for (const lane of lanes) {
            for (const [at, run] of lane.slice(1).entries()) {
              const before = lane[at]
              const isClear =
                direction === 'asc'
                  ? (before?.maxMs ?? 0) < run.minMs
                  : (before?.minMs ?? 0) > run.maxMs
              expect(isClear).toBe(true)
            }
          }
        },
      ),
    )
  })

  it('opens the hours of a month one after the other, one ahead, and none ahead with a limit', async () => {
    let open = 0
    let mostOpen = 0
    const hours = Array.from({ length: 720 }, (_, hour): Run => ({
      minMs: hour * 100,
      maxMs: hour * 100 + 99,
      isSorted: true,
      async *open() {
        open += 1
        mostOpen = Math.max(mostOpen, open)
        try {
          yield [recordOf({ number: hour, sentAtMs: hour * 100 })]
        } finally {
          open -= 1
        }
      },
    }))
    const lanes = lanesOf(hours, 'asc')
    expect(lanes).toHaveLength(1)
    expect(await collect(readLane(lanes[0] ?? [], undefined))).toHaveLength(720)
    expect(mostOpen).toBe(2)
    mostOpen = 0
    expect(await collect(readLane(lanes[0] ?? [], undefined, { limit: 3 }))).toHaveLength(3)
    expect(mostOpen).toBe(1)
    expect(open).toBe(0)
    expect(await collect(readLane(lanes[0] ?? [], undefined, { ahead: 5 }))).toHaveLength(720)
    expect(mostOpen).toBe(6)
    expect(open).toBe(0)
  })
})

describe('Selection', () => {
  it('holds at most twice its size and keeps the first in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        (times, size) => {
          const selection = new Selection({
            size,
            compare: comparePositions,
            onEqualKeys: () => {},
          })
          const records = recordsOf(times, 0)
          for (const record of records) selection.add(record)
          expect(selection.take()).toEqual(records.toSorted(comparePositions).slice(0, size))
          expect(selection.hasDropped).toBe(records.length > size)
        },
      ),
    )
  })
})

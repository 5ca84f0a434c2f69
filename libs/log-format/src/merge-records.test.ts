import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeRecords } from './merge-records.ts'
import { comparePositions } from './order.ts'
import { generateRecords } from './testing.ts'
import type { LogRecord, Order } from './types.ts'

const SAMPLE = [...generateRecords({ channels: 1, recordsEach: 40 })]

async function* batches(records: readonly LogRecord[], size: number): AsyncGenerator<LogRecord[]> {
  for (let at = 0; at < records.length; at += size) {
    await Promise.resolve()
    yield records.slice(at, at + size)
    yield []
  }
}

async function merged(
  sources: readonly AsyncIterable<LogRecord[]>[],
  order: Order = 'asc',
): Promise<{ records: LogRecord[]; duplicates: number }> {
  const count = { duplicates: 0 }
  const records: LogRecord[] = []
  for await (const batch of mergeRecords(sources, order, count)) {
    expect(batch.length).toBeGreaterThan(0)
    records.push(...batch)
  }
  return { records, duplicates: count.duplicates }
}

describe('a merge', () => {
  it('yields the union in order, each record once, and counts the rest (I2, Q3)', async () => {
    const subset = fc.subarray(SAMPLE)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(subset, fc.integer({ min: 1, max: 9 })), { maxLength: 6 }),
        fc.constantFrom('asc' as const, 'desc' as const),
        async (parts, order) => {
          const sign = order === 'asc' ? 1 : -1
          const sorted = (records: readonly LogRecord[]): LogRecord[] =>
            records.toSorted((left, right) => sign * comparePositions(left, right))
          const union = new Set(parts.flatMap(([records]) => records))
          const sources = parts.map(([records, size]) => batches(sorted(records), size))
          const { records, duplicates } = await merged(sources, order)
          expect(records).toEqual(sorted([...union]))
          const total = parts.reduce((sum, [part]) => sum + part.length, 0)
          expect(duplicates).toBe(total - union.size)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('keeps the first source of equal records', async () => {
    const first = SAMPLE.slice(0, 1)
    const copy = first.map((record) => ({ ...record, receivedAtMs: 1 }))
    const { records } = await merged([batches(first, 1), batches(copy, 1)])
    expect(records).toEqual(first)
  })

  it('throws for a source that is not in order', async () => {
    await expect(merged([batches(SAMPLE.toReversed(), 3)])).rejects.toThrow('not in order')
  })

  it('closes every source when it ends early or one fails', async () => {
    let closed = 0
    async function* endless(): AsyncGenerator<LogRecord[]> {
      try {
        for (let at = 0; at < 10_000; at += 1) {
          await Promise.resolve()
          yield sampleAt(at)
        }
      } finally {
        closed += 1
      }
    }
    for await (const batch of mergeRecords([endless(), endless()], 'asc')) {
      expect(batch.length).toBeGreaterThan(0)
      break
    }
    expect(closed).toBe(2)
    await expect(merged([endless(), broken()])).rejects.toThrow('store is away')
    expect(closed).toBe(3)
  })
})

function sampleAt(sentAtMs: number): LogRecord[] {
  const [record] = SAMPLE
  return record === undefined ? [] : [{ ...record, sentAtMs }]
}

async function* broken(): AsyncGenerator<LogRecord[]> {
  yield sampleAt(-1)
  await Promise.reject(new Error('store is away'))
}

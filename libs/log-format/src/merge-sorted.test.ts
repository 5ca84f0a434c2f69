import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeSorted } from './merge-sorted.ts'
import type { MergeOptions } from './merge-sorted.ts'

interface Counted {
  readonly name: string
  readonly count: number
}

const BY_NAME: MergeOptions<Counted> = {
  compare: (left, right) => Number(left.name > right.name) - Number(left.name < right.name),
}
const ADDED: MergeOptions<Counted> = {
  ...BY_NAME,
  combine: (first, second) => ({ name: first.name, count: first.count + second.count }),
}

async function* batches<Item>(items: readonly Item[], size = 3): AsyncGenerator<Item[]> {
  for (let at = 0; at < items.length; at += size) {
    await Promise.resolve()
    yield items.slice(at, at + size)
    yield []
  }
}

async function all<Item>(merging: AsyncIterable<Item[]>): Promise<Item[]> {
  const items: Item[] = []
  for await (const batch of merging) {
    expect(batch.length).toBeGreaterThan(0)
    items.push(...batch)
  }
  return items
}

const counted = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  count: fc.integer({ min: 1, max: 9 }),
})

describe('a merge of sorted sources', () => {
  it('adds equal items up, across sources and within one', async () => {
    const sources = fc.array(fc.array(counted, { maxLength: 20 }), { maxLength: 7 })
    await fc.assert(
      fc.asyncProperty(sources, fc.integer({ min: 1, max: 5 }), async (parts, size) => {
        const sums = new Map<string, number>()
        for (const { name, count } of parts.flat()) sums.set(name, (sums.get(name) ?? 0) + count)
        const expected = [...sums].map(([name, count]) => ({ name, count })).toSorted(ADDED.compare)
        let dropped = 0
        const options = { ...ADDED, onEqual: () => (dropped += 1) }
        const sorted = parts.map((part) => batches(part.toSorted(ADDED.compare), size))
        expect(await all(mergeSorted(sorted, options))).toEqual(expected)
        expect(dropped).toBe(parts.flat().length - expected.length)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps the first of equal items when nothing combines them', async () => {
    const first = { name: 'a', count: 1 }
    const dropped: Counted[] = []
    const options = { ...BY_NAME, onEqual: (item: Counted) => dropped.push(item) }
    const sources = [[first, { name: 'a', count: 2 }], [{ name: 'a', count: 3 }]]
    expect(
      await all(
        mergeSorted(
          sources.map((part) => batches(part)),
          options,
        ),
      ),
    ).toEqual([first])
    expect(new Set(dropped.map(({ count }) => count))).toEqual(new Set([2, 3]))
  })

  it('yields batches, and nothing for no sources', async () => {
    const numbers = Array.from({ length: 2000 }, (_, index) => ({ name: '', count: index }))
    const compare = (left: Counted, right: Counted): number => left.count - right.count
    const sizes: number[] = []
    for await (const batch of mergeSorted([batches(numbers, 700)], { compare })) {
      sizes.push(batch.length)
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(512)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2000)
    expect(await all(mergeSorted<Counted>([], { compare }))).toEqual([])
  })

  it('throws for a source that is not sorted', async () => {
    const sources = [
      batches([{ name: 'b', count: 1 }]),
      batches([
        { name: 'c', count: 1 },
        { name: 'a', count: 1 },
      ]),
    ]
    await expect(all(mergeSorted(sources, BY_NAME))).rejects.toThrow('source 1 is not in order')
  })
})

import { createFooterCache, DEFAULT_TYPES } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { describe, expect, it } from 'vitest'
import { READ_LIMITS } from '../limits.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'
import type { ReadDeps } from './deps.ts'
import type { ChannelQuery } from './log-query.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { readLogs } from './read-logs.ts'

const RECORDS = 47
const LIMITS = { ...READ_LIMITS, firstPageEntries: 3, pageEntries: 5, keptEntries: 7 }

function setup() {
  const hot = new FakeHot()
  const records = Array.from({ length: RECORDS }, (_, number) =>
    recordOf({ number, sentAtMs: 1_000_000 + number }),
  )
  hot.append(records)
  const equal = { count: 0 }
  const reads = { pages: 0 }
  const readPage = hot.readPage.bind(hot)
  hot.readPage = (request) => {
    reads.pages += 1
    return readPage(request)
  }
  const deps: ReadDeps = {
    hot,
    cold: memoryObjectStore(),
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: LIMITS,
    onEqualKeys: (count) => {
      equal.count += count
    },
  }
  return { hot, records, deps, equal, reads }
}

async function answer(changes: Partial<ChannelQuery>, deps: ReadDeps): Promise<string[]> {
  const all = { channelId: '10', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, types: DEFAULT_TYPES }
  const lines: string[] = []
  for await (const batch of readLogs({ ...all, order: 'asc', ...changes }, deps)) {
    lines.push(...batch.map(({ raw }) => raw))
  }
  return lines
}

describe('hot pages', () => {
  it('are read once when nothing is known, and only those needed afterwards', async () => {
    const { records, deps, reads } = setup()
    const lines = records.map(({ raw }) => raw)
    expect(await answer({}, { ...deps, limits: { ...LIMITS, keptEntries: 1000 } })).toEqual(lines)
    expect(reads.pages).toBe(9)
    reads.pages = 0
    expect(await answer({ order: 'desc', limit: 4 }, deps)).toEqual(lines.toReversed().slice(0, 4))
    // The end of the stream, which is never remembered, and the page before it.
    expect(reads.pages).toBeLessThanOrEqual(2)
  })

  it('outside the range of a query are not kept in place of those in it', async () => {
    const { records, deps, reads } = setup()
    const range = { fromMs: 1_000_000 + RECORDS - 7 }
    const lines = records.slice(-7).map(({ raw }) => raw)
    expect(await answer(range, deps)).toEqual(lines)
    // The scan alone: the two pages that are wanted were kept.
    expect(reads.pages).toBe(9)
  })

  it('are read again where more than may be kept is wanted', async () => {
    const { records, deps, reads } = setup()
    expect(await answer({}, deps)).toEqual(records.map(({ raw }) => raw))
    expect(reads.pages).toBe(9 + 7)
  })

  it('join without a gap or a double wherever the boundary cuts into remembered ones (Q1)', async () => {
    const { hot, records, deps, equal, reads } = setup()
    const first = (await hot.firstArrival()) ?? 0
    for (let sealed = 0; sealed <= RECORDS; sealed += 1) {
      hot.boundaryMs = first + sealed
      hot.trimmedMs = hot.boundaryMs
      const lines = records.slice(sealed).map(({ raw }) => raw)
      expect(await answer({}, deps)).toEqual(lines)
      expect(await answer({ order: 'desc' }, deps)).toEqual(lines.toReversed())
      reads.pages = 0
      expect(await answer({ order: 'desc', limit: 2 }, deps)).toEqual(
        lines.toReversed().slice(0, 2),
      )
      // Where the boundary cut a page, the end of the stream, and the page before it.
      expect(reads.pages).toBeLessThanOrEqual(3)
    }
    expect(equal.count).toBe(0)
  })

  it('go on behind a gap of erased entries, wherever it lies and whatever is remembered (Q1)', async () => {
    for (let first = 4; first < RECORDS; first += 1) {
      for (const [count, sealed] of [
        [1, first - 3],
        [1, first - 4],
        [4, first - 3],
        [9, first - 1],
        [20, 0],
        [20, first + 7],
      ] as const) {
        const { hot, records, deps } = setup()
        const all = await answer({}, deps)
        const gone = new Set(records.slice(first, first + count).map(({ raw }) => raw))
        hot.erase(({ raw }) => gone.has(raw))
        hot.boundaryMs = hot.nextArrivalMs - RECORDS + sealed
        const lines = all.slice(sealed).filter((line) => !gone.has(line))
        expect(await answer({}, deps)).toEqual(lines)
        expect(await answer({ order: 'desc', limit: 3 }, deps)).toEqual(
          lines.toReversed().slice(0, 3),
        )
      }
    }
  })
})

describe('a hot line that a later parser refuses', () => {
  it('is shown as a seal will store it, and fails no answer', async () => {
    const { hot, records, deps } = setup()
    const [record] = records
    if (record === undefined) throw new Error('there are records')
    hot.append([{ ...record, raw: 'no line of chat', type: 'PRIVMSG', sentAtMs: 1_000_500 }])
    expect(await answer({ fromMs: 1_000_400 }, deps)).toEqual(['no line of chat'])
  })
})

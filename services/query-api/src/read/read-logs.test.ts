import type { SegmentEntry } from '@poglog/hot-store'
import { createFooterCache, DEFAULT_TYPES, encodeSegment, SegmentError } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { describe, expect, it } from 'vitest'
import { READ_LIMITS } from '../limits.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'
import type { ReadDeps } from './deps.ts'
import type { ChannelQuery } from './log-query.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { readLogs } from './read-logs.ts'

const RECORDS = 1500

function recordsOf(first: number, count: number): LogRecord[] {
  return Array.from({ length: count }, (_, at) =>
    recordOf({ number: first + at, sentAtMs: 1_000_000 + first + at }),
  )
}

function depsOf(hot: FakeHot, cold: ObjectStore): ReadDeps {
  return {
    hot,
    cold,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: { ...READ_LIMITS, firstPageEntries: 10, pageEntries: 100, keptEntries: 0 },
    onEqualKeys: () => {
      throw new Error('nothing is in two places here')
    },
  }
}

async function answer(deps: ReadDeps, changes: Partial<ChannelQuery> = {}): Promise<string[]> {
  const all = { channelId: '10', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, types: DEFAULT_TYPES }
  const lines: string[] = []
  for await (const batch of readLogs({ ...all, order: 'asc', ...changes }, deps)) {
    lines.push(...batch.map(({ raw }) => raw))
  }
  return lines
}

/** Stores records as a segment and gives its manifest entry. */
async function store(
  cold: ObjectStore,
  key: string,
  records: readonly LogRecord[],
): Promise<SegmentEntry> {
  const identity = {
    shard: 0,
    shards: 1,
    number: 1,
    projection: 'by-channel',
    level: 'hour',
    arrivalFromMs: 0,
    arrivalToMs: 1,
  } as const
  const { body, summary } = await encodeSegment(records, identity, { level: 1 })
  await cold.put(key, body)
  return { key, ...identity, ...summary }
}

describe('a trim in the middle of an answer', () => {
  it('neither repeats nor skips what was handed out before it (Q1)', async () => {
    const records = recordsOf(0, RECORDS)
    const lines = records.map(({ raw }) => raw)
    for (let failing = 1; failing <= 30; failing += 4) {
      const hot = new FakeHot()
      hot.append(records)
      const readPage = hot.readPage.bind(hot)
      let reads = 0
      hot.readPage = async (request) => {
        reads += 1
        return reads === failing ? 'retry' : readPage(request)
      }
      const deps = depsOf(hot, memoryObjectStore())
      expect(await answer(deps)).toEqual(lines)
      reads = 0
      expect(await answer(deps, { order: 'desc', limit: 900 })).toEqual(
        lines.toReversed().slice(0, 900),
      )
    }
  })
})

describe('a segment that goes away', () => {
  it('is looked for in a new snapshot, where its records are in another (Q1)', async () => {
    const cold = memoryObjectStore()
    const hot = new FakeHot()
    const early = recordsOf(0, 700)
    const late = recordsOf(700, 700)
    const whole = await store(cold, 'early', early)
    hot.segments.push(whole, await store(cold, 'late', late))
    const compacted = await store(cold, 'compacted', [...early, ...late])
    const compacting: ObjectStore = {
      ...cold,
      async get(key, options) {
        if (key === 'late') {
          hot.segments.splice(0, 2, compacted)
          return undefined
        }
        return cold.get(key, options)
      },
    }
    const lines = [...early, ...late].map(({ raw }) => raw)
    expect(await answer(depsOf(hot, compacting))).toEqual(lines)
  })

  it('fails the answer when it is still named and still gone', async () => {
    const cold = memoryObjectStore()
    const hot = new FakeHot()
    hot.segments.push(await store(cold, 'lost', recordsOf(0, 5)))
    await cold.delete('lost')
    await expect(answer(depsOf(hot, cold))).rejects.toThrow(SegmentError)
  })
})

describe('segments that overlap more than can be open at once', () => {
  it('are read in rounds, every record once and in order', async () => {
    const cold = memoryObjectStore()
    const hot = new FakeHot()
    const records = recordsOf(0, 600)
    for (let part = 0; part < 20; part += 1) {
      const own = records.filter((_, at) => at % 20 === part)
      hot.segments.push(await store(cold, `part-${part}`, own))
    }
    const deps = depsOf(hot, cold)
    const limits = { ...deps.limits, openRunsMax: 4, roundRecords: 70 }
    const lines = records.map(({ raw }) => raw)
    expect(await answer({ ...deps, limits })).toEqual(lines)
    expect(await answer({ ...deps, limits }, { order: 'desc', limit: 100 })).toEqual(
      lines.toReversed().slice(0, 100),
    )
  })
})

describe('records that are hot twice', () => {
  const twice = recordsOf(0, 400)
  const all = [...twice, ...recordsOf(400, 100)]
  const lines = all.map(({ raw }) => raw)

  it.each([
    ['one page', { firstPageEntries: 1000, pageEntries: 1000 }],
    ['pages that share records', { firstPageEntries: 10, pageEntries: 100 }],
    ['rounds', { firstPageEntries: 10, pageEntries: 30, openRunsMax: 2, roundRecords: 70 }],
  ])('count once against a limit when read in %s (Q1) (I2) (Q3)', async (_, limits) => {
    const hot = new FakeHot()
    hot.append([...twice, ...all])
    let equal = 0
    const deps: ReadDeps = {
      ...depsOf(hot, memoryObjectStore()),
      limits: { ...READ_LIMITS, ...limits },
      onEqualKeys: (count) => {
        equal += count
      },
    }
    const both = { asc: lines, desc: lines.toReversed() }
    for (const order of ['asc', 'desc'] as const) {
      for (const limit of [1, 150, 399, 450, 500, 501]) {
        expect(await answer(deps, { order, limit })).toEqual(both[order].slice(0, limit))
      }
    }
    equal = 0
    expect(await answer(deps)).toEqual(lines)
    expect(equal).toBeGreaterThanOrEqual(400)
  })

  it('keep the one that arrived first, where they share a page', async () => {
    const hot = new FakeHot()
    hot.append([...twice, ...twice])
    const limits = { ...READ_LIMITS, firstPageEntries: 1000 }
    const deps = { ...depsOf(hot, memoryObjectStore()), limits, onEqualKeys() {} }
    const query = { channelId: '10', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
    for (const order of ['asc', 'desc'] as const) {
      const arrivals: number[] = []
      for await (const batch of readLogs({ ...query, order, types: DEFAULT_TYPES }, deps)) {
        arrivals.push(...batch.map(({ receivedAtMs }) => receivedAtMs))
      }
      const first = (await hot.firstArrival()) ?? 0
      expect(Math.max(...arrivals)).toBe(first + twice.length - 1)
    }
  })
})

describe('a client that goes away', () => {
  it('stops the reading before it begins', async () => {
    const hot = new FakeHot()
    hot.append(recordsOf(0, 300))
    const signal = AbortSignal.abort(new Error('client gone'))
    await expect(answer(depsOf(hot, memoryObjectStore()), { signal })).rejects.toThrow(
      'client gone',
    )
  })

  it('ends a read of the store that is under way', async () => {
    const cold = memoryObjectStore()
    const hot = new FakeHot()
    hot.segments.push(await store(cold, 'slow', recordsOf(0, 5)))
    const leaving = new AbortController()
    const slow: ObjectStore = {
      ...cold,
      get: async (_key, options) => {
        setImmediate(() => {
          leaving.abort(new Error('client gone'))
        })
        return new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => {
            reject(new Error('the read was ended'))
          })
        })
      },
    }
    const reading = answer(depsOf(hot, slow), { signal: leaving.signal })
    await expect(reading).rejects.toThrow('the read was ended')
  })
})

import type { Erasure, ShardState } from '@poglog/hot-store'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ArchiveJob } from './due-jobs.ts'
import type { ShardHot } from './events.ts'
import { HOUR_MS } from './period.ts'
import { startReconciler } from './reconciler.ts'

const INTERVAL_MS = 15_000
const NOON = 12 * HOUR_MS
const FIRST_ARRIVAL_MS = 11 * HOUR_MS
const REGULAR: readonly ArchiveJob[] = [{ kind: 'sweep' }, { kind: 'retain' }, { kind: 'clean' }]

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('the reconciler', () => {
  it('adds what is due in every shard, now and after every interval', async () => {
    const { added, run } = setup()
    using _ = run()
    await vi.advanceTimersByTimeAsync(0)
    expect(added).toEqual([[seal(0), seal(1), ...REGULAR]])
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(added.at(-1)).toEqual([seal(0), seal(1)])
  })

  it('adds a sweep once in its own interval', async () => {
    const { added, run } = setup()
    using _ = run()
    await vi.advanceTimersByTimeAsync(10 * INTERVAL_MS)
    const sweeps = added.flat().filter(({ kind }) => kind === 'sweep')
    expect(sweeps).toHaveLength(3)
  })

  it('goes on after a failure, and sweeps later what it could not add', async () => {
    const { added, failures, run, fail } = setup()
    fail(new Error('redis is away'))
    using _ = run()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(failures).toHaveLength(2)
    fail(undefined)
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(added).toEqual([[seal(0), seal(1), ...REGULAR]])
  })

  it('adds whoever is to be erased, in every round until it is done (P1)', async () => {
    const { added, erasures, run } = setup()
    const what = { requestedAtMs: 1, beforeMs: 2, state: 'pending', report: undefined } as const
    erasures.push({ userId: '666', ...what })
    using _ = run()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(added.at(-1)).toEqual([seal(0), seal(1), { kind: 'erase', userId: '666' }])
    erasures.pop()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(added.at(-1)).toEqual([seal(0), seal(1)])
  })

  it('tells how far the boundary lies back, before the first seal as far as the first record', async () => {
    const { observed, states, run } = setup()
    const nowMs = NOON + HOUR_MS
    states.set(0, { hotRecords: 2, hotBytes: 700, nowMs })
    states.set(1, { hotRecords: 2, boundaryMs: 0, nowMs: FIRST_ARRIVAL_MS + 5 })
    using _ = run()
    await vi.advanceTimersByTimeAsync(0)
    expect(observed).toEqual([
      [0, { hotRecords: 2, hotBytes: 700, lagMs: HOUR_MS }],
      [1, { hotRecords: 2, hotBytes: 0, lagMs: 5 }],
    ])
    states.set(1, { hotRecords: 0, boundaryMs: 0, nowMs })
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(observed.at(-1)).toEqual([1, { hotRecords: 0, hotBytes: 0, lagMs: 0 }])
  })

  it('stops when it is disposed', async () => {
    const { added, run } = setup()
    run()[Symbol.dispose]()
    await vi.advanceTimersByTimeAsync(10 * INTERVAL_MS)
    expect(added.length).toBeLessThanOrEqual(1)
  })
})

function setup() {
  const added: (readonly ArchiveJob[])[] = []
  const failures: unknown[] = []
  const erasures: Erasure[] = []
  const states = new Map<number, Partial<ShardState>>()
  const observed: [number, ShardHot][] = []
  let failure: Error | undefined
  const hot = {
    shards: 2,
    state: (shard: number) => Promise.resolve({ ...stateOf(shard), ...states.get(shard) }),
    firstArrival: () => Promise.resolve(FIRST_ARRIVAL_MS),
    manifest: () => Promise.resolve([]),
    usersView: () =>
      Promise.resolve({ version: '0', folds: [], absorbed: new Set<string>(), erased: new Map() }),
    memory: () => Promise.resolve({ usedBytes: 1, maxBytes: 0 }),
    scriptSeconds: () => Promise.resolve(1),
    replicas: {
      list: () => Promise.resolve({ nowMs: 0, replicas: [], lostPending: 0, lostDropped: 0 }),
    },
    erasures: { pending: () => Promise.resolve([...erasures]) },
  }
  const run = (): Disposable =>
    startReconciler({
      hot,
      queue: {
        async add(jobs) {
          if (failure !== undefined) throw failure
          added.push(jobs)
          await Promise.resolve()
        },
        waiting: () => Promise.resolve(new Map()),
      },
      clock: () => Date.now(),
      setAside: { has: () => false, size: 0 },
      settings: {
        periodMs: HOUR_MS,
        recordsMax: 10,
        trimGraceMs: HOUR_MS,
        intervalMs: INTERVAL_MS,
        sweepIntervalMs: 4 * INTERVAL_MS,
        cleanIntervalMs: 8 * INTERVAL_MS,
        compactSpreadMs: 0,
      },
      events: {
        reconcileFailed: (error) => void failures.push(error),
        observed: (...told) => void observed.push(told),
        memory() {},
        scriptTime() {},
        fleet() {},
        jobsWaiting() {},
        setAsideSegments() {},
      },
    })
  const fail = (error: Error | undefined): void => void (failure = error)
  return { added, failures, erasures, states, observed, run, fail }
}

function stateOf(shard: number): ShardState {
  return {
    shard,
    boundaryMs: NOON,
    floorMs: NOON,
    aheadMs: 0,
    trimmedMs: NOON,
    next: 2,
    epoch: 1,
    generation: 1,
    hotRecords: 10,
    hotBytes: 0,
    nowMs: NOON + 1,
  }
}

function seal(shard: number): ArchiveJob {
  return { kind: 'seal', shard, upTo: 'now' }
}

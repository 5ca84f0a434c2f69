import { ingestSlotOf } from '@poglog/hot-store'
import type { BeatResult, Holding, LostReplica, ReplicaBeat } from '@poglog/hot-store'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Fleet } from './fleet.ts'
import type { ReplicaCalls } from './fleet.ts'
import { LostReplicas } from './lost-replicas.ts'
import { ownersOf } from './owners.ts'
import type { TakenFrom } from './takeovers.ts'
import { RedisClock } from './redis-clock.ts'

const DEAD_MS = 10_000
const CHANNELS = Array.from({ length: 60 }, (_, index) => `channel${index}`)
const LOAD = { channels: 0, messagesPerSecond: 0, utilisation: 0 }

beforeEach(() =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }),
)
afterEach(() => vi.useRealTimers())

interface Entry {
  beat: ReplicaBeat
  atMs: number
  slots: ReadonlyMap<number, Holding>
}

/** What the scripts in Redis do, as far as a fleet can see it. */
class Registry {
  readonly entries = new Map<string, Entry>()
  readonly lost = new Map<string, LostReplica>()
  isAway = false
  #version = 1
  #lastBeatMs = 0
  #graceUntilMs = 0

  calls(): ReplicaCalls {
    return {
      beat: (beat) => this.#beat(beat),
      leave: (replica) => {
        this.entries.delete(replica)
        this.#version += 1
        return Promise.resolve()
      },
    }
  }

  #beat(beat: ReplicaBeat): Promise<BeatResult> {
    if (this.isAway) return Promise.reject(new Error('away'))
    const nowMs = Date.now()
    if (nowMs - this.#lastBeatMs > DEAD_MS) this.#graceUntilMs = nowMs + DEAD_MS
    this.#lastBeatMs = nowMs
    for (const [replica, entry] of this.entries) {
      if (nowMs < this.#graceUntilMs || nowMs - entry.atMs <= DEAD_MS) continue
      this.entries.delete(replica)
      const { run, coveredMs = 0 } = entry.beat
      this.lost.set(`${replica} ${run}`, {
        replica,
        run,
        coveredMs,
        slots: [...entry.slots.keys()],
      })
      this.#version += 1
    }
    const known = this.entries.get(beat.replica)
    const isEvicted = known === undefined && beat.version !== undefined
    if (known === undefined || !isSameBeat(known.beat, beat)) this.#version += 1
    this.entries.set(beat.replica, { beat, atMs: nowMs, slots: new Map(beat.slots) })
    const version = String(this.#version)
    return Promise.resolve({
      nowMs,
      standing: isEvicted ? 'evicted' : 'member',
      uncovered: new Map(),
      lost: [...this.lost.values()],
      view: version === beat.version ? undefined : { version, ...this.#view() },
    })
  }

  #view() {
    const holdings = new Map<number, { replica: string; holding: Holding }[]>()
    for (const [replica, { slots }] of this.entries) {
      for (const [slot, holding] of slots) {
        holdings.set(slot, [...(holdings.get(slot) ?? []), { replica, holding }])
      }
    }
    return { members: [...this.entries.values()].map(({ beat }) => beat), holdings }
  }
}

const isSameBeat = (left: ReplicaBeat, right: ReplicaBeat): boolean =>
  left.isLeaving === right.isLeaving &&
  JSON.stringify([...left.slots]) === JSON.stringify([...right.slots])

/** Joins each channel some time after it was wanted, and parts at once. */
class FakePool {
  readonly joinedAtMs = new Map<string, number>()
  readonly joinMs: number
  isCutOff = false
  cutOffAtMs = 0

  constructor(joinMs: number) {
    this.joinMs = joinMs
  }

  want(logins: ReadonlySet<string>): void {
    for (const login of this.joinedAtMs.keys()) {
      if (!logins.has(login)) this.joinedAtMs.delete(login)
    }
    for (const login of logins) {
      if (!this.joinedAtMs.has(login)) this.joinedAtMs.set(login, Date.now() + this.joinMs)
    }
  }

  isSettled = (login: string): boolean =>
    !this.isCutOff && (this.joinedAtMs.get(login) ?? Infinity) <= Date.now()

  cutOff(): void {
    this.isCutOff = true
    this.cutOffAtMs = performance.now()
  }

  /** All channels have to be joined anew. */
  connect(): void {
    this.isCutOff = false
    const logins = new Set(this.joinedAtMs.keys())
    this.joinedAtMs.clear()
    this.want(logins)
  }
}

class World {
  readonly redis = new Registry()
  readonly replicas = new Map<string, { fleet: Fleet; pool: FakePool; isDead: boolean }>()
  readonly buried: string[] = []
  readonly taken: { replica: string; from: TakenFrom; durationMs: number }[] = []
  moved = 0
  #longestMs = 0
  readonly replication: number

  constructor(replication: number) {
    this.replication = replication
  }

  async start(replica: string, joinMs = 700): Promise<Fleet> {
    const pool = new FakePool(joinMs)
    const state = { pool, isDead: false }
    const fleet = new Fleet({
      replicas: () => (state.isDead ? undefined : this.redis.calls()),
      me: { replica, run: `run-of-${replica}`, weight: 1, replication: this.replication },
      pool: {
        want: (logins) => pool.want(logins),
        isSettled: pool.isSettled,
        coveredMs: () => (pool.isCutOff ? pool.cutOffAtMs : performance.now()),
        isCutOff: () => pool.isCutOff,
      },
      clock: new RedisClock(),
      load: () => LOAD,
      lostReplicas: new LostReplicas({
        write: (lost) => {
          this.buried.push(lost.replica)
          return Promise.resolve()
        },
        forget: ({ replica: dead, run }) => {
          this.redis.lost.delete(`${dead} ${run}`)
          return Promise.resolve()
        },
        events: { replicaLost: () => undefined, lostNotWritten: () => undefined },
      }),
      events: {
        fleetChanged: () => undefined,
        channelsMoved: ({ claimed }) => {
          this.moved += claimed
        },
        slotTaken: (from, durationMs) => this.taken.push({ replica, from, durationMs }),
        evicted: () => undefined,
        superseded: () => undefined,
        cutOff: () => undefined,
        beatFailed: () => undefined,
        handedOver: () => undefined,
      },
      nowMs: () => performance.now(),
    })
    this.replicas.set(replica, Object.assign(state, { fleet }))
    await fleet.start()
    fleet.want(new Set(CHANNELS), performance.now())
    return fleet
  }

  kill(replica: string): void {
    const state = this.replicas.get(replica)
    if (state === undefined) throw new Error(`no ${replica}`)
    state.isDead = true
    state.pool.want(new Set())
  }

  receivers(login: string): string[] {
    return [...this.replicas]
      .filter(([, { pool, isDead }]) => !isDead && pool.isSettled(login))
      .map(([replica]) => replica)
  }

  /** Lets time pass and tells which channels had fewer receivers than `least` at any moment. */
  async pass(ms: number, least = 0): Promise<string[]> {
    const short = new Set<string>()
    for (let passed = 0; passed < ms; passed += 100) {
      await vi.advanceTimersByTimeAsync(100)
      for (const { fleet, isDead } of this.replicas.values()) {
        if (isDead) continue
        if (passed % 1000 === 0) fleet.want(new Set(CHANNELS), performance.now())
        fleet.tick()
      }
      for (const login of CHANNELS) if (this.receivers(login).length < least) short.add(login)
    }
    return [...short]
  }

  /** Who has taken how many slots from whom since it was asked last. */
  summary(): [replica: string, from: TakenFrom, slots: number][] {
    this.#longestMs = Math.max(...this.taken.map(({ durationMs }) => durationMs))
    const groups = Map.groupBy(this.taken.splice(0), ({ replica, from }) => `${replica} ${from}`)
    return [...groups.values()].flatMap((group) => {
      const [first] = group
      return first === undefined ? [] : [[first.replica, first.from, group.length]]
    })
  }

  /** Milliseconds, of those that the last summary had. */
  longest(): number {
    return this.#longestMs
  }

  wrongOwners(): string[] {
    const living = [...this.replicas].filter(([, { isDead }]) => !isDead)
    const owners = living.map(([replica]) => ({ replica, weight: 1 }))
    return CHANNELS.filter((login) => {
      const expected = ownersOf(ingestSlotOf(login), owners, this.replication).toSorted()
      return JSON.stringify(this.receivers(login).toSorted()) !== JSON.stringify(expected)
    })
  }
}

describe('a fleet', () => {
  it.each([1, 2])(
    'gives every channel %i owners, and none up before another has it, as replicas come and go',
    async (replication) => {
      const world = new World(replication)
      await world.start('a')
      expect(await world.pass(3000)).toEqual([])
      await world.start('b')
      expect(await world.pass(5000, 1)).toEqual([])
      const least = replication
      for (const [index, replica] of ['c', 'd', 'e'].entries()) {
        await world.start(replica, 500 + 900 * index)
        expect(await world.pass(400, least)).toEqual([]) // The next comes while this one is joining.
      }
      expect(await world.pass(10_000, least)).toEqual([])
      expect(world.wrongOwners()).toEqual([])

      for (const replica of ['b', 'd']) {
        const state = world.replicas.get(replica)
        const left = state?.fleet.handOver(20_000)
        expect(await world.pass(6000, least)).toEqual([])
        await left
        await state?.fleet.stop()
        world.kill(replica)
        expect(await world.pass(100, least)).toEqual([])
      }
      expect(await world.pass(3000, least)).toEqual([])
      expect(world.wrongOwners()).toEqual([])
      expect(world.buried).toEqual([])
    },
  )

  it('moves no more channels than it must when a replica comes', async () => {
    const world = new World(1)
    for (const replica of ['a', 'b', 'c']) await world.start(replica)
    await world.pass(5000)
    world.moved = 0
    await world.start('d')
    await world.pass(5000)
    const owners = ['a', 'b', 'c', 'd'].map((replica) => ({ replica, weight: 1 }))
    const least = CHANNELS.filter((login) => ownersOf(ingestSlotOf(login), owners, 1)[0] === 'd')
    expect(world.moved).toBe(least.length)
  })

  it('moves a channel once when several replicas come together', async () => {
    const world = new World(1)
    await world.start('a')
    await world.pass(5000)
    world.moved = 0
    for (const replica of ['b', 'c', 'd']) {
      await world.start(replica)
      await world.pass(1000, 1)
    }
    expect(await world.pass(10_000, 1)).toEqual([])
    expect(world.wrongOwners()).toEqual([])
    const owners = ['a', 'b', 'c', 'd'].map((replica) => ({ replica, weight: 1 }))
    const least = CHANNELS.filter((login) => ownersOf(ingestSlotOf(login), owners, 1)[0] !== 'a')
    expect(world.moved).toBe(least.length)
  })

  it('takes over from a dead replica, and one of the living says that it was lost', async () => {
    const world = new World(1)
    for (const replica of ['a', 'b', 'c']) await world.start(replica)
    await world.pass(5000)
    world.kill('b')
    await world.pass(DEAD_MS + 2500)
    expect(await world.pass(1000, 1)).toEqual([])
    expect(world.wrongOwners()).toEqual([])
    expect(world.buried).toEqual(['b'])
    expect(world.redis.lost.size).toBe(0)
  })

  it('tells of each slot from whom it was taken over, and how long that took', async () => {
    const world = new World(1)
    const own = (replica: string, owners: readonly string[]): number =>
      new Set(CHANNELS.map(ingestSlotOf))
        .values()
        .filter((slot) => {
          const [first] = ownersOf(
            slot,
            owners.map((each) => ({ replica: each, weight: 1 })),
            1,
          )
          return first === replica
        })
        .toArray().length
    await world.start('a', 700)
    await world.pass(3000)
    expect(world.summary()).toEqual([['a', 'nobody', own('a', ['a'])]])
    expect(world.longest()).toBeGreaterThanOrEqual(700)

    await world.start('b', 500)
    await world.pass(1000, 1)
    // More may come: b waits, and a has them until then.
    const a = world.replicas.get('a')?.fleet
    const b = world.replicas.get('b')?.fleet
    const moving = CHANNELS.filter((login) => {
      const owners = ['a', 'b'].map((replica) => ({ replica, weight: 1 }))
      return ownersOf(ingestSlotOf(login), owners, 1)[0] === 'b'
    })
    expect([a?.counts().handingOver, b?.counts().handingOver]).toEqual([moving.length, 0])
    await world.pass(6000, 1)
    expect(world.summary()).toEqual([['b', 'replica', own('b', ['a', 'b'])]])
    expect(world.longest()).toBeGreaterThanOrEqual(3000 + 500)
    expect(a?.counts().handingOver).toBe(0)

    const left = b?.handOver(20_000)
    await world.pass(600, 1)
    expect(b?.counts().handingOver).toBe(moving.length)
    await world.pass(3000, 1)
    await left
    expect(world.summary()).toEqual([['a', 'replica', own('b', ['a', 'b'])]])
    expect(world.longest()).toBeLessThan(3000)

    await b?.stop()
    world.kill('b')
    await world.start('c', 500)
    await world.pass(8000, 1)
    world.summary()
    world.kill('c')
    await world.pass(DEAD_MS + 5000)
    expect(world.summary()).toEqual([['a', 'nobody', own('c', ['a', 'c'])]])
  })

  it('leaves its channels to others while Twitch does not answer, and takes them back', async () => {
    const world = new World(1)
    for (const replica of ['a', 'b', 'c']) await world.start(replica)
    await world.pass(8000)
    const pool = world.replicas.get('b')?.pool
    pool?.cutOff()
    await world.pass(3500)
    expect(await world.pass(10_000, 1)).toEqual([])
    expect(world.buried).toEqual([])
    pool?.connect()
    expect(await world.pass(8000, 1)).toEqual([])
    expect(world.wrongOwners()).toEqual([])
  })

  it('keeps its channels while none of the replicas reaches Twitch', async () => {
    const world = new World(1)
    for (const replica of ['a', 'b']) await world.start(replica)
    await world.pass(8000)
    for (const { pool } of world.replicas.values()) pool.cutOff()
    await world.pass(5000)
    for (const { pool } of world.replicas.values()) pool.connect()
    await world.pass(5000)
    expect(await world.pass(3000, 1)).toEqual([])
    expect(world.wrongOwners()).toEqual([])
  })

  it('keeps its channels while Redis is away, and nobody is taken for dead when it is back', async () => {
    const world = new World(1)
    for (const replica of ['a', 'b']) await world.start(replica)
    await world.pass(5000)
    world.redis.isAway = true
    expect(await world.pass(40_000, 1)).toEqual([])
    world.redis.isAway = false
    expect(await world.pass(20_000, 1)).toEqual([])
    expect(world.wrongOwners()).toEqual([])
    expect(world.buried).toEqual([])
  })

  it('wants every channel it knows until Redis was reached, and shares them then without a gap', async () => {
    const world = new World(1)
    world.redis.isAway = true
    for (const replica of ['a', 'b', 'c']) await world.start(replica)
    await world.pass(3000)
    expect(world.receivers('channel1')).toEqual(['a', 'b', 'c'])
    world.redis.isAway = false
    expect(await world.pass(8000, 1)).toEqual([])
    expect(world.wrongOwners()).toEqual([])
  })

  it('does not wait for an heir when all leave together', async () => {
    const world = new World(1)
    for (const replica of ['a', 'b']) await world.start(replica)
    await world.pass(5000)
    const startMs = performance.now()
    const left = Promise.all(
      [...world.replicas.values()].map(async ({ fleet }) => {
        await fleet.handOver(20_000)
        return performance.now() - startMs
      }),
    )
    await world.pass(2000)
    for (const tookMs of await left) expect(tookMs).toBeLessThan(1000)
  })
})

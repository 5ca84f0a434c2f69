import * as fc from 'fast-check'
import type { Cluster, Redis } from 'ioredis'
import { assert } from 'vitest'
import { type BeatResult, type Holding, type HotStore, openHotStore } from '../src/index.ts'
import type { LostReplica, Member, ReplicaBeat } from '../src/index.ts'
import { beatOf, forgetFleet, passFleetTime } from './fleet-setup.ts'
import { rawClient } from './setup.ts'

/** Time passes in whole seconds; every limit lies far enough from one that what a walk takes itself does not count. */
const DEAD_MS = 9500
const AWAY_MS = DEAD_MS / 2
const STEP_MS = 1000
const WALK_MS_MAX = 400

const REPLICAS = ['a', 'b', 'c']
const SLOTS = 4
/** Covered times of the walk: all different, long past. */
const COVERED_FROM_MS = 1_600_000_000_000

type Step =
  | {
      readonly do: 'beat'
      readonly who: number
      /** 0: the latest process of the replica; 1: the one before. */
      readonly before: number
      readonly slots: readonly (Holding | undefined)[]
      readonly weight: number
      readonly isLeaving: boolean
      readonly covers: boolean
      readonly outcome: 'answered' | 'replyLost' | 'twice'
    }
  | { readonly do: 'restart' | 'leave' | 'forget' | 'silence'; readonly who: number }
  | { readonly do: 'pass'; readonly seconds: number }

const who = fc.nat({ max: REPLICAS.length - 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('beat' as const),
      who,
      before: fc.constantFrom(0, 0, 0, 0, 1),
      slots: fc.array(fc.constantFrom('holding', 'holding', 'joining', undefined), {
        minLength: SLOTS,
        maxLength: SLOTS,
      }),
      weight: fc.constantFrom(1, 1, 1, 0.5),
      isLeaving: fc.constantFrom(false, false, false, true),
      covers: fc.boolean(),
      outcome: fc.constantFrom('answered', 'answered', 'replyLost', 'twice'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('silence' as const), who }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      seconds: fc.constantFrom(1, 2, 3, 4, 4, 4, 5, 8, 12, -2, -7),
    }),
  },
)

/** How often each path was taken that must not stay untested by chance. */
const seldom = {
  evictedByOthers: 0,
  evictedTold: 0,
  evictedToldAgain: 0,
  replaced: 0,
  superseded: 0,
  left: 0,
  spared: 0,
  viewSent: 0,
  viewKept: 0,
  uncovered: 0,
  lostTwice: 0,
  forgotten: 0,
}

/** Walks random steps of three replicas and of the clock, beside a model in memory. */
export async function replicaModelTest(
  url: string,
  runs: number,
): Promise<Readonly<Record<string, number>>> {
  const hot = await openHotStore({ url, replicaDeadMs: DEAD_MS })
  const raw = rawClient(url)
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 10, maxLength: 50 }),
    async (steps) => {
      await forgetFleet(raw)
      const walk = new Walk(hot, raw)
      const startMs = performance.now()
      for (const next of steps) {
        await walk.take(next)
        // On a machine this slow the model's clock is no longer Redis'.
        if (performance.now() - startMs > WALK_MS_MAX) return
      }
    },
  )
  await fc.assert(property, { numRuns: runs })
  await forgetFleet(raw)
  raw.disconnect()
  hot.close()
  return seldom
}

interface Process {
  readonly run: string
  /** The version it has, and the model's at that time. */
  version: string | undefined
  modelVersion: number
}

class Walk {
  readonly #hot: HotStore
  readonly #raw: Redis | Cluster
  readonly #model = new Model()
  readonly #processes = REPLICAS.map((replica): Process[] => [newProcess(replica, 0)])
  readonly #versions = new Map<string, number>()
  #lost: readonly LostReplica[] = []
  #beats = 0

  constructor(hot: HotStore, raw: Redis | Cluster) {
    this.#hot = hot
    this.#raw = raw
  }

  async take(next: Step): Promise<void> {
    if (next.do === 'pass') return await this.#pass(next.seconds)
    const replica = REPLICAS[next.who] ?? ''
    const processes = this.#processes[next.who] ?? []
    const latest = processes.at(-1)
    if (latest === undefined) return
    switch (next.do) {
      case 'restart':
        processes.push(newProcess(replica, processes.length))
        return
      case 'leave':
        await this.#hot.replicas.leave(replica, latest.run)
        await this.#hot.replicas.leave(replica, latest.run)
        this.#model.leave(replica, latest.run)
        return
      case 'forget':
        return await this.#forget(next.who)
      case 'silence':
        return await this.#silence((next.who + 1) % REPLICAS.length)
      case 'beat': {
        const process = processes.at(-1 - next.before) ?? latest
        await this.#beat(next, replica, process)
      }
    }
  }

  async #pass(seconds: number): Promise<void> {
    await passFleetTime(this.#raw, seconds * STEP_MS)
    this.#model.nowMs += seconds * STEP_MS
  }

  /** Nobody but one is heard of for so long that the others are dead. */
  async #silence(but: number): Promise<void> {
    const replica = REPLICAS[but] ?? ''
    const process = this.#processes[but]?.at(-1)
    if (process === undefined) return
    for (const seconds of [0, 4, 4, 4]) {
      await this.#pass(seconds)
      await this.#answered(beatOf(replica, { run: process.run, version: process.version }), process)
    }
  }

  /** Forgets one that was in the latest answer: it may have died again since. */
  async #forget(index: number): Promise<void> {
    const lost = this.#lost[index]
    if (lost === undefined) return
    await this.#hot.replicas.forgetLost(lost)
    this.#model.forget(lost)
  }

  async #beat(next: Step & { do: 'beat' }, replica: string, process: Process): Promise<void> {
    this.#beats += 1
    const slots = next.slots.flatMap((holding, slot) =>
      holding === undefined ? [] : [[slot, holding] as const],
    )
    const beat = beatOf(replica, {
      run: process.run,
      weight: next.weight,
      isLeaving: next.isLeaving,
      coveredMs: next.covers ? COVERED_FROM_MS + this.#beats : undefined,
      slots: new Map(slots),
      version: process.version,
    })
    const first = await this.#checked(beat, process)
    let last = first
    if (next.outcome === 'twice') {
      last = await this.#checked(beat, process)
      assert.deepEqual({ ...last, nowMs: 0 }, { ...first, nowMs: 0 })
    }
    if (next.outcome !== 'replyLost') this.#hear(last, process)
  }

  async #answered(beat: ReplicaBeat, process: Process): Promise<void> {
    this.#hear(await this.#checked(beat, process), process)
  }

  #hear({ lost, view }: BeatResult, process: Process): void {
    this.#lost = lost
    if (view === undefined) return
    process.version = view.version
    process.modelVersion = this.#model.version
  }

  async #checked(beat: ReplicaBeat, process: Process): Promise<BeatResult> {
    const result = await this.#hot.replicas.beat(beat)
    const expected = this.#model.beat(beat, { seen: process.modelVersion, atMs: result.nowMs })
    const { view } = result
    assert.equal(result.standing, expected.standing)
    assert.deepEqual([...result.uncovered].toSorted(bySlot), expected.uncovered)
    assert.deepEqual(result.lost.toSorted(byRun), expected.lost)
    assert.equal(view === undefined, !expected.isViewSent)
    if (view === undefined) {
      seldom.viewKept += 1
      return result
    }
    seldom.viewSent += 1
    assert.deepEqual(view.members, this.#model.members())
    assert.deepEqual([...view.holdings].toSorted(bySlot), this.#model.holdings())
    const known = this.#versions.get(view.version) ?? this.#model.version
    assert.equal(known, this.#model.version, 'a version came twice')
    this.#versions.set(view.version, known)
    return result
  }
}

const newProcess = (replica: string, index: number): Process => ({
  run: `${replica}${index}`,
  version: undefined,
  modelVersion: -1,
})

interface Known {
  readonly run: string
  readonly joinedMs: number
  readonly seenAtEntry: number
  beatMs: number
  weight: number
  isLeaving: boolean
  coveredMs: number | undefined
  slots: ReadonlyMap<number, Holding>
}

interface Expected {
  readonly standing: BeatResult['standing']
  readonly isViewSent: boolean
  readonly uncovered: readonly (readonly [number, number])[]
  readonly lost: readonly LostReplica[]
}

/** The rules in memory. `nowMs` is its own clock; joined and covered times are Redis'. */
class Model {
  nowMs = 0
  version = 0
  readonly #known = new Map<string, Known>()
  readonly #runs = new Map<string, string[]>()
  readonly #lost = new Map<string, LostReplica>()
  readonly #uncovered = new Map<number, number>()
  #lastBeatMs: number | undefined
  #sweptMs = 0
  #graceUntilMs = 0

  beat(beat: ReplicaBeat, { seen, atMs }: { seen: number; atMs: number }): Expected {
    const { replica, run } = beat
    const runs = this.#runs.get(replica) ?? []
    const isOver = runs.includes(`${run}!`) || (runs.includes(run) && runs.at(-1) !== run)
    if (isOver) {
      seldom.superseded += 1
      return { standing: 'superseded', isViewSent: false, uncovered: [], lost: [] }
    }
    this.#tick(beat)
    let known = this.#known.get(replica)
    if (known !== undefined && known.run !== run) {
      seldom.replaced += 1
      this.#evict([replica])
      known = undefined
    }
    if (!runs.includes(run)) this.#runs.set(replica, [...runs, run])
    const before = known
    known ??= { ...newcomer(beat), joinedMs: atMs, seenAtEntry: seen, beatMs: this.nowMs }
    const isTold = known.seenAtEntry >= 0 && known.seenAtEntry === seen
    if (isTold) seldom[before === undefined ? 'evictedTold' : 'evictedToldAgain'] += 1
    else known = { ...known, seenAtEntry: -1 }
    this.#enter(beat, before, known)
    const uncovered = [...beat.slots].flatMap(([slot, holding]) => {
      const ms = this.#uncovered.get(slot)
      return holding === 'holding' || ms === undefined ? [] : [[slot, ms] as const]
    })
    seldom.uncovered += uncovered.length
    return {
      standing: isTold ? 'evicted' : 'member',
      isViewSent: seen !== this.version,
      uncovered: uncovered.toSorted(bySlot),
      lost: [...this.#lost.values()].toSorted(byRun),
    }
  }

  leave(replica: string, run: string): void {
    const runs = this.#runs.get(replica) ?? []
    if (runs.at(-1) === run) this.#runs.set(replica, [...runs.slice(0, -1), `${run}!`])
    if (this.#known.get(replica)?.run !== run) return
    seldom.left += 1
    this.#takeOut([replica])
  }

  forget(lost: LostReplica): void {
    const key = `${lost.replica} ${lost.run}`
    const known = this.#lost.get(key)
    if (JSON.stringify(known) !== JSON.stringify(lost)) return
    seldom.forgotten += 1
    this.#lost.delete(key)
  }

  members(): Member[] {
    return [...this.#known]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([replica, { run, weight, isLeaving }]) => ({ replica, run, weight, isLeaving }))
  }

  holdings(): unknown[] {
    const all = Array.from({ length: SLOTS }, (_, slot) => [slot, this.#declaring(slot)] as const)
    return all.filter(([, declaring]) => declaring.length > 0)
  }

  #declaring(slot: number): { replica: string; holding: Holding }[] {
    return REPLICAS.flatMap((replica) => {
      const holding = this.#known.get(replica)?.slots.get(slot)
      return holding === undefined ? [] : [{ replica, holding }]
    })
  }

  #tick({ replica, run }: ReplicaBeat): void {
    const pauseMs = this.nowMs - (this.#lastBeatMs ?? Number.NEGATIVE_INFINITY)
    if (pauseMs > AWAY_MS || pauseMs < 0) this.#graceUntilMs = this.nowMs + DEAD_MS
    this.#lastBeatMs = this.nowMs
    if (this.nowMs === this.#sweptMs) return
    this.#sweptMs = this.nowMs
    const silent: string[] = []
    for (const [id, known] of this.#known) {
      known.beatMs = Math.min(known.beatMs, this.nowMs)
      const isSilent = this.nowMs - known.beatMs > DEAD_MS && !(id === replica && known.run === run)
      if (isSilent && this.nowMs < this.#graceUntilMs) seldom.spared += 1
      else if (isSilent) silent.push(id)
    }
    seldom.evictedByOthers += silent.length
    this.#evict(silent)
  }

  #enter(beat: ReplicaBeat, before: Known | undefined, known: Known): void {
    const { weight, isLeaving, slots } = beat
    const coveredMs = beat.coveredMs ?? known.coveredMs
    this.#known.set(beat.replica, {
      ...known,
      beatMs: this.nowMs,
      weight,
      isLeaving,
      slots,
      coveredMs,
    })
    for (const [slot, holding] of slots) if (holding === 'holding') this.#uncovered.delete(slot)
    for (const [slot, holding] of before?.slots ?? []) {
      if (holding === 'holding') this.#uncover(slot, coveredMs ?? known.joinedMs)
    }
    const isSame =
      before?.weight === weight &&
      before.isLeaving === isLeaving &&
      JSON.stringify([...before.slots]) === JSON.stringify([...slots])
    if (!isSame) this.version += 1
  }

  #evict(replicas: readonly string[]): void {
    for (const replica of replicas) {
      const known = this.#known.get(replica)
      if (known === undefined) continue
      const key = `${replica} ${known.run}`
      const earlier = this.#lost.get(key)
      if (earlier !== undefined) seldom.lostTwice += 1
      const slots = new Set([...known.slots.keys(), ...(earlier?.slots ?? [])])
      this.#lost.set(key, {
        replica,
        run: known.run,
        coveredMs: Math.min(known.coveredMs ?? known.joinedMs, earlier?.coveredMs ?? Infinity),
        slots: [...slots].toSorted((a, b) => a - b),
      })
    }
    if (replicas.length > 0) this.#takeOut(replicas)
  }

  #takeOut(replicas: readonly string[]): void {
    const gone = replicas.flatMap((replica) => this.#known.get(replica) ?? [])
    for (const replica of replicas) this.#known.delete(replica)
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const holders = gone.filter(({ slots }) => slots.get(slot) === 'holding')
      const times = holders.map(({ coveredMs, joinedMs }) => coveredMs ?? joinedMs)
      if (times.length > 0) this.#uncover(slot, Math.max(...times))
    }
    this.version += 1
  }

  #uncover(slot: number, ms: number): void {
    if (this.#declaring(slot).some(({ holding }) => holding === 'holding')) return
    this.#uncovered.set(slot, Math.min(ms, this.#uncovered.get(slot) ?? Infinity))
  }
}

const newcomer = ({ run, weight, isLeaving }: ReplicaBeat) => ({
  run,
  weight,
  isLeaving,
  coveredMs: undefined,
  slots: new Map<number, Holding>(),
})

const bySlot = (a: readonly [number, unknown], b: readonly [number, unknown]): number => a[0] - b[0]
const byRun = (a: LostReplica, b: LostReplica): number =>
  `${a.replica} ${a.run}` < `${b.replica} ${b.run}` ? -1 : 1

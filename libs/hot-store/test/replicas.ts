import { setTimeout as sleep } from 'node:timers/promises'
import * as fc from 'fast-check'
import type { Cluster, Redis } from 'ioredis'
import { assert, beforeEach, describe, expect, it } from 'vitest'
import { type Holding, INGEST_SLOTS, REPLICAS_MAX } from '../src/index.ts'
import { INGEST_KEYS, joinsKey, RATES_KEY } from '../src/keys.ts'
import { beatOf, forgetFleet, passFleetTime } from './fleet-setup.ts'
import type { Stores } from './swapping.ts'

const [STATE, REPLICAS, HOLDINGS, , RUNS, LOST] = INGEST_KEYS
const holds = (...slots: number[]): Map<number, Holding> =>
  new Map(slots.map((slot) => [slot, 'holding']))
const joining = (...slots: number[]): Map<number, Holding> =>
  new Map(slots.map((slot) => [slot, 'joining']))

/** What the replicas of ingest share on any Redis. */
export function replicaTests(stores: () => Stores): void {
  describe('replicas', () => {
    beforeEach(() => forgetFleet(stores().raw))

    it('tells each of the others, and of their slots only when something changed', async () => {
      const { hot, other } = stores()
      const a = await hot.replicas.beat(beatOf('a', { slots: holds(0, 5), weight: 0.25 }))
      expect(a).toMatchObject({ standing: 'member', lost: [], uncovered: new Map() })
      const b = await other.replicas.beat(beatOf('b', { slots: joining(5, 1023), isLeaving: true }))
      expect(b.view?.members).toEqual([
        { replica: 'a', run: 'a1', weight: 0.25, isLeaving: false },
        { replica: 'b', run: 'b1', weight: 1, isLeaving: true },
      ])
      expect(b.view?.holdings).toEqual(
        new Map([
          [0, [{ replica: 'a', holding: 'holding' }]],
          [
            5,
            [
              { replica: 'a', holding: 'holding' },
              { replica: 'b', holding: 'joining' },
            ],
          ],
          [1023, [{ replica: 'b', holding: 'joining' }]],
        ]),
      )
      const version = b.view?.version
      const again = beatOf('a', { slots: holds(5, 0), weight: 0.25, version, coveredMs: 7 })
      expect(await hot.replicas.beat(again)).toMatchObject({ standing: 'member', view: undefined })
      const { view } = await hot.replicas.beat({ ...again, slots: holds(5) })
      expect(view?.version).not.toBe(version)
      expect(view?.holdings.has(0)).toBe(false)
    })

    it('lists everything that is known of them', async () => {
      const { hot, other } = stores()
      const load = { channels: 3, messagesPerSecond: 12.5, utilisation: 0.75 }
      const { nowMs } = await hot.replicas.beat(beatOf('a', { load, slots: holds(9) }))
      await hot.replicas.beat(beatOf('b', { coveredMs: nowMs - 9.5 }))
      const list = await other.replicas.list()
      expect(list).toMatchObject({ lostPending: 0, lostDropped: 0 })
      expect(list.nowMs).toBeGreaterThanOrEqual(nowMs)
      expect(list.replicas).toMatchObject([
        { replica: 'a', run: 'a1', joinedMs: nowMs, beatMs: nowMs, load, slots: holds(9) },
        { replica: 'b', coveredMs: nowMs - 10, slots: new Map() },
      ])
      expect(list.replicas[0]?.coveredMs).toBeUndefined()
    })

    it('never takes a covered time of the future, and keeps the last one', async () => {
      const { hot } = stores()
      const { nowMs } = await hot.replicas.beat(beatOf('a', { coveredMs: Date.now() + 3_600_000 }))
      const covered = async () => (await hot.replicas.list()).replicas[0]?.coveredMs
      expect(await covered()).toBe(nowMs)
      await hot.replicas.beat(beatOf('a'))
      expect(await covered()).toBe(nowMs)
    })

    it('takes one that is silent for ten seconds for dead, and says since when its slots are uncovered (I1)', async () => {
      const { hot, other, raw } = stores()
      const dead = beatOf('a', { slots: new Map([...holds(1, 2), ...joining(3)]), coveredMs: 5000 })
      await hot.replicas.beat(dead)
      const b = beatOf('b', { slots: new Map([...holds(2), ...joining(1, 3)]) })
      await other.replicas.beat(b)
      for (const seconds of [4, 4]) {
        await passFleetTime(raw, seconds * 1000)
        expect((await other.replicas.beat(b)).lost).toEqual([])
      }
      await passFleetTime(raw, 2500)
      const { lost, uncovered, view } = await other.replicas.beat(b)
      expect(view?.members.map(({ replica }) => replica)).toEqual(['b'])
      expect(lost).toEqual([{ replica: 'a', run: 'a1', coveredMs: 5000, slots: [1, 2, 3] }])
      expect(uncovered).toEqual(new Map([[1, 5000]]))
      expect((await other.replicas.list()).lostPending).toBe(1)

      // Covered again by the next holder; forgotten when it is written down, also when that is said twice.
      await other.replicas.beat({ ...b, slots: holds(1) })
      expect((await other.replicas.beat({ ...b, slots: joining(1) })).uncovered.get(1)).not.toBe(
        5000,
      )
      for (const one of [...lost, ...lost]) await hot.replicas.forgetLost(one)
      expect((await other.replicas.beat(b)).lost).toEqual([])
    })

    it('tells one that was taken for dead until it has heard it (I1)', async () => {
      const { hot, other, raw } = stores()
      const slots = holds(1)
      const version = (await hot.replicas.beat(beatOf('a', { slots }))).view?.version
      for (const seconds of [0, 4, 4, 4]) {
        await passFleetTime(raw, seconds * 1000)
        await other.replicas.beat(beatOf('b'))
      }
      const back = beatOf('a', { slots, version })
      const { standing, view } = await hot.replicas.beat(back)
      expect(standing).toBe('evicted')
      expect(view?.members.map(({ replica }) => replica)).toEqual(['a', 'b'])
      // That answer was lost.
      expect(await hot.replicas.beat(back)).toMatchObject({ standing: 'evicted', view })
      const next = { ...back, version: view?.version }
      expect(await hot.replicas.beat(next)).toMatchObject({ standing: 'member', view: undefined })
      expect(await hot.replicas.beat(next)).toMatchObject({ standing: 'member', view: undefined })
    })

    it('remembers both deaths of one that died again before it was written down (I1)', async () => {
      const { hot, other, raw } = stores()
      const die = async (coveredMs: number, slots: Map<number, Holding>) => {
        await hot.replicas.beat(beatOf('a', { coveredMs, slots, version: '1-1' }))
        for (const seconds of [0, 4, 4, 4]) {
          await passFleetTime(raw, seconds * 1000)
          await other.replicas.beat(beatOf('b'))
        }
        return (await other.replicas.beat(beatOf('b'))).lost
      }
      const [first] = await die(5000, holds(1, 10))
      const [both] = await die(6000, holds(2))
      assert(first !== undefined && both !== undefined)
      expect(both).toEqual({ replica: 'a', run: 'a1', coveredMs: 5000, slots: [1, 2, 10] })
      await other.replicas.forgetLost(first)
      expect((await other.replicas.beat(beatOf('b'))).lost).toEqual([both])
    })

    it('takes nobody for dead while Redis was away, nor when its clock steps (I1)', async () => {
      const { hot, other, raw } = stores()
      const members = async () =>
        (await other.replicas.list()).replicas.map(({ replica }) => replica)
      for (const [seconds, ...later] of [
        [6, 4],
        [9.9, 1],
        [3600, 4, 4],
        [-3600, 4, 4],
      ]) {
        await forgetFleet(raw)
        await hot.replicas.beat(beatOf('a'))
        for (const next of [seconds, ...later]) {
          await passFleetTime(raw, (next ?? 0) * 1000)
          await other.replicas.beat(beatOf('b'))
          expect({ seconds, members: await members() }).toEqual({ seconds, members: ['a', 'b'] })
        }
        for (const next of [4, 4, 4]) {
          await passFleetTime(raw, next * 1000)
          await other.replicas.beat(beatOf('b'))
        }
        expect({ seconds, members: await members() }).toEqual({ seconds, members: ['b'] })
      }
    })

    it('lets a restarted process take over at once, and tells the earlier one for ever', async () => {
      const { hot, other } = stores()
      await hot.replicas.beat(beatOf('a', { run: 'old', slots: holds(1), coveredMs: 5000 }))
      const successor = beatOf('a', { run: 'new', slots: joining(1) })
      const expected = {
        standing: 'member',
        lost: [{ replica: 'a', run: 'old', coveredMs: 5000, slots: [1] }],
        uncovered: new Map([[1, 5000]]),
      }
      expect(await other.replicas.beat(successor)).toMatchObject(expected)
      expect(await other.replicas.beat(successor)).toMatchObject(expected)
      const late = beatOf('a', { run: 'old', slots: holds(1) })
      const refused = { standing: 'superseded', view: undefined, lost: [] }
      expect(await hot.replicas.beat(late)).toMatchObject(refused)
      await hot.replicas.leave('a', 'old')
      expect(await other.replicas.beat(successor)).toMatchObject(expected)
      await other.replicas.leave('a', 'new')
      expect(await hot.replicas.beat(late)).toMatchObject(refused)
      expect((await hot.replicas.list()).replicas).toEqual([])
    })

    it('lets one leave without being lost, whatever comes late', async () => {
      const { hot, other } = stores()
      const a = beatOf('a', { slots: holds(1, 2), coveredMs: 5000 })
      await hot.replicas.beat(a)
      await other.replicas.beat(beatOf('b', { slots: holds(2) }))
      await hot.replicas.leave('a', 'other')
      await hot.replicas.leave('a', 'a1')
      await hot.replicas.leave('a', 'a1')
      expect((await hot.replicas.beat(a)).standing).toBe('superseded')
      const { view, lost, uncovered } = await other.replicas.beat(
        beatOf('b', { slots: joining(1) }),
      )
      expect(view?.members).toHaveLength(1)
      expect(lost).toEqual([])
      expect(uncovered).toEqual(new Map([[1, 5000]]))
    })

    it('holds 1,024 replicas and all slots, and says when there are more', async () => {
      const { hot, raw } = stores()
      const slots = holds(...Array(INGEST_SLOTS).keys())
      await hot.replicas.beat(beatOf('a', { slots }))
      const meta = await raw.hget(REPLICAS, 'a')
      const others = Array.from({ length: REPLICAS_MAX - 1 }, (_, n) => [`r-${n}`, meta ?? ''])
      await raw.hset(REPLICAS, ...others.flat())
      await expect(hot.replicas.beat(beatOf('b'))).rejects.toMatchObject({
        kind: 'invalid',
        message: 'hot store invalid: more than 1024 replicas of ingest',
      })
      const { view } = await hot.replicas.beat(beatOf('a', { slots: new Map() }))
      expect(view?.members).toHaveLength(REPLICAS_MAX)
      const { uncovered } = await hot.replicas.beat(
        beatOf('a', { slots: joining(...slots.keys()) }),
      )
      expect(uncovered.size).toBe(INGEST_SLOTS)
    })

    it('names 50 of many dead, and counts those that it can no longer remember', async () => {
      const { hot, raw } = stores()
      const dead = Array.from({ length: 2048 }, (_, n) => [
        `d${n} r`,
        `{"coveredMs":1,"lostAtMs":${10_000 - n},"slots":[]}`,
      ])
      await raw.hset(LOST, ...dead.flat())
      await hot.replicas.beat(beatOf('a', { run: 'old' }))
      const { lost } = await hot.replicas.beat(beatOf('a', { run: 'new' }))
      expect(lost).toHaveLength(50)
      expect(new Set(lost.map(({ replica }) => replica)).size).toBe(50)
      expect(await raw.hexists(LOST, 'd2047 r')).toBe(0)
      expect(await raw.hexists(LOST, 'a old')).toBe(1)
      expect(await hot.replicas.list()).toMatchObject({ lostPending: 2048, lostDropped: 1 })
    })

    it('sweeps away what it cannot read, and forgets runs that are long over', async () => {
      const { hot, other, raw } = stores()
      await raw.hset(REPLICAS, 'x', 'no json', 'y', '[]', 'a', '{"run":5}')
      await raw.hset(HOLDINGS, 'x', '1h')
      await raw.hset(STATE, 'version', '1-1')
      const runs = Array.from({ length: 5000 }, (_, n) => [`gone-${n}`, '5000 r1'])
      await raw.hset(RUNS, ...runs.flat())
      const { view } = await hot.replicas.beat(beatOf('a', { slots: joining(1) }))
      expect(view?.members.map(({ replica }) => replica)).toEqual(['a'])
      expect((await other.replicas.list()).lostPending).toBe(0)
      expect(await raw.hlen(RUNS)).toBe(1)
    })

    it('refuses what must not reach Redis', async () => {
      const { replicas } = stores().hot
      const invalid = { kind: 'invalid' }
      for (const given of [
        { replica: '' },
        { replica: 'a b' },
        { replica: 'x'.repeat(65) },
        { run: 'A' },
        { run: 'x'.repeat(33) },
        { weight: -1 },
        { weight: Number.NaN },
        { coveredMs: Number.NaN },
        { slots: holds(-1) },
        { slots: holds(1024) },
        { slots: holds(0.5) },
        { version: '"' },
        { load: { channels: 0.5, messagesPerSecond: 0, utilisation: 0 } },
        { load: { channels: 0, messagesPerSecond: Number.POSITIVE_INFINITY, utilisation: 0 } },
      ]) {
        await expect(replicas.beat(beatOf('a', given))).rejects.toMatchObject(invalid)
      }
      await expect(replicas.leave('a', '')).rejects.toMatchObject(invalid)
      const request = { key: 'k', wanted: 1, max: 1, windowMs: 1 }
      for (const given of [
        { key: '' },
        { key: 'a}b' },
        { key: 'x'.repeat(129) },
        { wanted: -1 },
        { max: 0 },
        { windowMs: 0.5 },
      ]) {
        await expect(replicas.takeJoins({ ...request, ...given })).rejects.toMatchObject(invalid)
      }
      await expect(replicas.noteRates(new Map([['A', 1]]))).rejects.toMatchObject(invalid)
      await expect(replicas.noteRates(new Map([['a', Number.NaN]]))).rejects.toMatchObject(invalid)
      expect(await replicas.rates(['A', ''])).toEqual(new Map())
    })
  })

  joinTests(stores)
  rateTests(stores)
}

function joinTests(stores: () => Stores): void {
  describe('the budget of joins', () => {
    it('grants what is left, to all replicas together, and forgets it by itself', async () => {
      const { hot, other, raw } = stores()
      const request = { key: 'acct:1', wanted: 15, max: 20, windowMs: 300 }
      expect(await hot.replicas.takeJoins({ ...request, wanted: 0 })).toBe(0)
      expect(await hot.replicas.takeJoins(request)).toBe(15)
      expect(await other.replicas.takeJoins(request)).toBe(5)
      expect(await other.replicas.takeJoins(request)).toBe(0)
      expect(await other.replicas.takeJoins({ ...request, key: 'acct:2' })).toBe(15)
      await sleep(350)
      expect(await other.replicas.takeJoins(request)).toBe(15)
      await sleep(700)
      expect(await raw.exists(joinsKey('acct:1'))).toBe(0)
    })

    it('never grants more than the budget in any window, nor less than it may', async () => {
      const { hot, raw } = stores()
      const key = 'walk'
      const windowMs = 10_000
      const bucketMs = 100
      const max = 20
      const steps = fc.array(
        fc.record({
          passMs: fc.constantFrom(0, 0, 50, 100, 900, 2500, 5000, 9900, 9999, 10_000, 10_100),
          wanted: fc.integer({ min: 1, max: 25 }),
        }),
        { minLength: 5, maxLength: 25 },
      )
      const property = fc.asyncProperty(steps, async (all) => {
        await raw.del(joinsKey(key))
        const grants: { fromMs: number; toMs: number; joins: number }[] = []
        let aheadMs = 0
        for (const { passMs, wanted } of all) {
          await passJoinTime(raw, key, passMs)
          aheadMs += passMs
          const fromMs = aheadMs + (await redisMs(raw))
          const granted = await hot.replicas.takeJoins({ key, wanted, max, windowMs })
          const toMs = aheadMs + (await redisMs(raw))
          const since = (ms: number): number =>
            grants.filter((grant) => grant.toMs > ms).reduce((sum, grant) => sum + grant.joins, 0)
          const free = max - since(fromMs - windowMs - bucketMs)
          expect(granted).toBeGreaterThanOrEqual(Math.min(wanted, free))
          grants.push({ fromMs, toMs, joins: granted })
          for (const first of grants) {
            if (toMs - first.fromMs >= windowMs) continue
            const within = grants.filter((grant) => grant.fromMs >= first.fromMs)
            expect(within.reduce((sum, grant) => sum + grant.joins, 0)).toBeLessThanOrEqual(max)
          }
        }
      })
      await fc.assert(property, { numRuns: 60 })
    })

    it('is neither frozen nor forgotten when the clock goes back', async () => {
      const { hot, raw } = stores()
      const request = { key: 'back', wanted: 15, max: 20, windowMs: 10_000 }
      expect(await hot.replicas.takeJoins(request)).toBe(15)
      await passJoinTime(raw, 'back', -3_600_000)
      expect(await hot.replicas.takeJoins(request)).toBe(5)
      expect(await hot.replicas.takeJoins(request)).toBe(0)
      await passJoinTime(raw, 'back', 9800)
      expect(await hot.replicas.takeJoins(request)).toBe(0)
      await passJoinTime(raw, 'back', 400)
      expect(await hot.replicas.takeJoins(request)).toBe(15)
    })
  })
}

function rateTests(stores: () => Stores): void {
  describe('rates', () => {
    it('brings back what was noted last, for thousands of channels', async () => {
      const { hot, other } = stores()
      const rates = new Map(Array.from({ length: 2500 }, (_, n) => [`channel_${n}`, n / 4]))
      await hot.replicas.noteRates(rates)
      await hot.replicas.noteRates(new Map([['channel_7', 1e21]]))
      await hot.replicas.noteRates(new Map())
      rates.set('channel_7', 1e21)
      expect(await other.replicas.rates([...rates.keys(), 'nobody', 'channel_7'])).toEqual(rates)
    })

    it('keeps 100,000 at most', async () => {
      const { hot, raw } = stores()
      for (let from = 0; from < 100_000; from += 10_000) {
        const some = Array.from({ length: 10_000 }, (_, n) => [`old_${from + n}`, '1'])
        await raw.hset(RATES_KEY, ...some.flat())
      }
      await hot.replicas.noteRates(new Map(Array.from({ length: 100 }, (_, n) => [`new_${n}`, n])))
      expect(await raw.hlen(RATES_KEY)).toBe(100_000)
      await raw.del(RATES_KEY)
    })
  })
}

const redisMs = async (raw: Redis | Cluster): Promise<number> => {
  const [seconds, micros] = await raw.call('time').then((reply) => [reply].flat().map(Number))
  return (seconds ?? 0) * 1000 + Math.floor((micros ?? 0) / 1000)
}

/** Makes what was granted older by as much. */
async function passJoinTime(raw: Redis | Cluster, name: string, ms: number): Promise<void> {
  const buckets = Object.entries(await raw.hgetall(joinsKey(name)))
  await raw.del(joinsKey(name))
  for (const [lastMs, count] of buckets) {
    await raw.hset(joinsKey(name), String(Number(lastMs) - ms), count)
  }
}

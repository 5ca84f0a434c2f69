import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SharedJoinBudget } from './shared-join-budget.ts'

interface Asked {
  readonly wanted: number
  readonly answer: (granted: number) => Promise<void>
  readonly fail: () => Promise<void>
}

/** Lets what waits for a promise go on. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
}

class World {
  now = 0
  replicas = 4
  windowMs = 0
  readonly asked: Asked[] = []
  readonly failures: string[] = []
  readonly budget = new SharedJoinBudget({
    takeJoins: async (wanted, windowMs) => {
      this.windowMs = windowMs
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      this.asked.push({
        wanted,
        answer: async (granted) => {
          resolve(granted)
          await settle()
        },
        fail: async () => {
          reject(new Error('redis is away'))
          await settle()
        },
      })
      return await promise
    },
    replicas: () => this.replicas,
    joinsMax: 20,
    windowMs: 10_000,
    events: { joinBudgetFailed: (error) => this.failures.push(String(error)) },
    nowMs: () => this.now,
  })

  get last(): Asked {
    const last = this.asked.at(-1)
    if (last === undefined) throw new Error('nothing was asked')
    return last
  }
}

describe('SharedJoinBudget', () => {
  it('grants what Redis granted, asking once at a time', async () => {
    const world = new World()
    expect(world.budget.take(0)).toBe(0)
    expect(world.asked.length).toBe(0)
    expect([world.budget.take(30), world.budget.take(30)]).toEqual([0, 0])
    expect(world.asked.map(({ wanted }) => wanted)).toEqual([30])
    expect(world.windowMs).toBe(10_500)
    await world.last.answer(20)
    expect([world.budget.take(15), world.budget.take(15), world.budget.take(15)]).toEqual([
      15, 5, 0,
    ])
    expect(world.asked.length).toBe(2)
  })

  it('forfeits what is not used soon', async () => {
    const world = new World()
    world.budget.take(5)
    world.now += 200
    await world.last.answer(5)
    world.now += 100
    expect(world.budget.take(2)).toBe(2)
    world.now += 1
    expect(world.budget.take(3)).toBe(0)
  })

  it('does not ask again at once when there is nothing left', async () => {
    const world = new World()
    world.budget.take(5)
    await world.last.answer(0)
    world.now += 100
    world.budget.take(5)
    expect(world.asked.length).toBe(1)
    world.now += 100
    world.budget.take(5)
    expect(world.asked.length).toBe(2)
  })

  it('goes by its share while Redis is away, at least one', async () => {
    const world = new World()
    world.budget.take(30)
    await world.last.fail()
    expect([world.budget.take(3), world.budget.take(30), world.budget.take(30)]).toEqual([3, 2, 0])
    world.now += 10_499
    expect(world.budget.take(30)).toBe(0)
    expect(world.asked.length).toBe(1)
    world.now += 1
    world.replicas = 100
    // Redis may be back: it is asked first, for no more than the share.
    expect(world.budget.take(30)).toBe(0)
    expect(world.last.wanted).toBe(1)
    await world.last.fail()
    expect(world.budget.take(30)).toBe(1)
    expect(world.failures.length).toBe(2)
  })

  it('takes an answer that does not come in time for none, and forfeits it', async () => {
    const world = new World()
    world.budget.take(30)
    const late = world.last
    world.now += 1000
    expect(world.budget.take(30)).toBe(0)
    world.now += 1
    expect(world.budget.take(30)).toBe(5)
    await late.answer(20)
    expect(world.budget.take(30)).toBe(0)
    expect(world.failures).toEqual(['Error: no answer in time'])
  })

  it('does not waste what others could use while answers come too late', async () => {
    const world = new World()
    for (const _ of [1, 2, 3]) {
      expect(world.budget.take(30)).toBe(0)
      world.now += 301
      await world.last.answer(20)
    }
    expect(world.budget.take(30)).toBe(5)
    expect(world.failures).toEqual(['Error: answers come too late'])
  })

  it('counts what Redis granted into its share, and takes no more for a while when Redis is back', async () => {
    const world = new World()
    world.budget.take(3)
    await world.last.answer(3)
    expect(world.budget.take(3)).toBe(3)
    world.budget.take(30)
    await world.last.fail()
    expect(world.budget.take(30)).toBe(2)
    world.now += 10_500
    world.budget.take(30)
    expect(world.last.wanted).toBe(5)
    await world.last.answer(4)
    expect(world.budget.take(30)).toBe(4)
    world.now += 12_499
    world.budget.take(30)
    expect(world.last.wanted).toBe(5)
    await world.last.answer(0)
    world.now += 200
    world.budget.take(30)
    expect(world.last.wanted).toBe(30)
  })

  it('keeps several replicas to the budget in any ten seconds', async () => {
    const step = fc.record({ replica: fc.nat(2), afterMs: fc.nat(700), wanted: fc.nat(12) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        let now = 0
        const counted: { atMs: number; joins: number }[] = []
        const used: { atMs: number; joins: number }[] = []
        const within = (log: typeof used, windowMs: number): number =>
          log.filter(({ atMs }) => now - atMs < windowMs).reduce((sum, { joins }) => sum + joins, 0)
        const replicas = [0, 1, 2].map(
          () =>
            new SharedJoinBudget({
              takeJoins: (wanted, windowMs) => {
                const joins = Math.min(wanted, 20 - within(counted, windowMs))
                counted.push({ atMs: now, joins })
                return Promise.resolve(joins)
              },
              replicas: () => 3,
              joinsMax: 20,
              windowMs: 10_000,
              events: { joinBudgetFailed: () => undefined },
              nowMs: () => now,
            }),
        )
        for (const { replica, afterMs, wanted } of steps) {
          now += afterMs
          used.push({ atMs: now, joins: replicas[replica]?.take(wanted) ?? 0 })
          expect(within(used, 10_000)).toBeLessThanOrEqual(20)
          await settle()
        }
      }),
    )
  })
})

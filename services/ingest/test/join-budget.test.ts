import { setTimeout as delay } from 'node:timers/promises'
import { openHotStore } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { SharedJoinBudget } from '../src/shared-join-budget.ts'
import { World } from './world.ts'

const WINDOW_MS = 2000
const JOINS_MAX = 20
const REPLICAS = 3

/** One budget of 20 joins in 2 s that three replicas share, each of which wants all of it at every tick. */
class Replicas {
  readonly joinedAtMs: number[] = []
  readonly failures: unknown[] = []
  readonly #budgets: readonly SharedJoinBudget[]

  constructor(takeJoins: (wanted: number, windowMs: number) => Promise<number>) {
    this.#budgets = Array.from(
      { length: REPLICAS },
      () =>
        new SharedJoinBudget({
          takeJoins,
          replicas: () => REPLICAS,
          joinsMax: JOINS_MAX,
          windowMs: WINDOW_MS,
          events: { joinBudgetFailed: (error) => this.failures.push(error) },
          nowMs: () => performance.now(),
        }),
    )
  }

  async run(durationMs: number): Promise<void> {
    const endMs = performance.now() + durationMs
    while (performance.now() < endMs) {
      for (const budget of this.#budgets) {
        const granted = budget.take(JOINS_MAX)
        for (let join = 0; join < granted; join += 1) this.joinedAtMs.push(performance.now())
      }
      await delay(20)
    }
  }

  /** The most joins in any window that begins at or after a time. */
  most(fromMs = 0): number {
    const joins = this.joinedAtMs.filter((atMs) => atMs >= fromMs)
    const within = (startMs: number): number =>
      joins.filter((atMs) => atMs >= startMs && atMs < startMs + WINDOW_MS).length
    return Math.max(0, ...joins.map(within))
  }
}

describe('the join budget of several replicas', () => {
  it('is kept in any window, used up, and shared out while Redis is away', async () => {
    await using world = await World.create()
    const redis = await world.startRedis()
    await using opened = new AsyncDisposableStack()
    const store = opened.adopt(await openHotStore({ url: world.redisUrl }), (open) => open.close())
    const replicas = new Replicas((wanted, windowMs) =>
      store.replicas.takeJoins({ key: 'address:test', wanted, max: JOINS_MAX, windowMs }),
    )
    await replicas.run(6000)
    expect(replicas.failures).toEqual([])
    expect(replicas.most()).toBe(JOINS_MAX)
    expect(replicas.joinedAtMs.length).toBe(3 * JOINS_MAX)

    await redis.stop()
    await replicas.run(3000) // The window in which Redis went away is over.
    const awayMs = performance.now()
    await replicas.run(4000)
    expect(replicas.failures.length).toBeGreaterThan(0)
    const share = Math.floor(JOINS_MAX / REPLICAS)
    expect(replicas.most(awayMs)).toBe(share * REPLICAS)

    await world.startRedis()
    await replicas.run(8000)
    expect(replicas.most(awayMs)).toBe(JOINS_MAX)
  })
})

import { describe, expect, it } from 'vitest'
import { ChannelRates } from './channel-rates.ts'

function setup() {
  const state = { nowMs: 0, isAway: false, told: [] as (readonly (readonly [string, number])[])[] }
  const stored = new Map([['beta', 90]])
  const calls = {
    noteRates: (rates: ReadonlyMap<string, number>) => {
      if (state.isAway) return Promise.reject(new Error('away'))
      state.told.push([...rates])
      return Promise.resolve()
    },
    rates: (logins: readonly string[]) =>
      Promise.resolve(new Map([...stored].filter(([login]) => logins.includes(login)))),
  }
  const failures: unknown[] = []
  const rates = new ChannelRates({
    calls: () => calls,
    loginOf: (id) => new Map([['1', 'alpha']]).get(id),
    events: { ratesFailed: (error) => failures.push(error) },
    nowMs: () => state.nowMs,
  })
  const lines = async (count: number): Promise<void> => {
    for (let line = 0; line < count; line += 1) rates.count('1')
    state.nowMs += 30_000
    await rates.fold()
  }
  return { state, rates, failures, lines }
}

describe('ChannelRates', () => {
  it('tells how many lines a minute a channel has, and again only when that has changed', async () => {
    const { state, rates, lines } = setup()
    await lines(50)
    expect(rates.of('alpha')).toBe(100)
    await lines(52)
    expect(state.told).toEqual([[['alpha', 100]]])
    await lines(200)
    expect(state.told.length).toBe(2)
    expect(rates.of('alpha')).toBeGreaterThan(200)
  })

  it('learns from others what it has not seen itself', async () => {
    const { rates } = setup()
    await rates.learn(['alpha', 'beta'])
    expect([rates.of('alpha'), rates.of('beta')]).toEqual([0, 90])
  })

  it('tells later what Redis could not be told', async () => {
    const { state, failures, lines } = setup()
    state.isAway = true
    await lines(50)
    expect(failures.length).toBe(1)
    state.isAway = false
    await lines(50)
    expect(state.told).toEqual([[['alpha', 100]]])
  })
})

import { describe, expect, it } from 'vitest'
import { JoinBudget } from './join-budget.ts'
import type { Joiner } from './join-budget.ts'

function joiner(id: number, nick: string, channels = 0): Joiner {
  return { id, nick, address: '10.0.0.1', channels: { size: channels } }
}

describe('JoinBudget', () => {
  it('grants everything without a limit', () => {
    const budget = new JoinBudget(undefined)
    for (let join = 0; join < 1000; join++) expect(budget.take(joiner(1, 'a'), 0)).toBe('granted')
  })

  it('refuses within the window what is over the limit, and grants again when the first join is older', () => {
    const budget = new JoinBudget({ joins: 2, windowMs: 10_000 })
    const one = joiner(1, 'a')
    expect([0, 5000, 9999, 10_001, 10_002].map((atMs) => budget.take(one, atMs))).toEqual([
      'granted',
      'granted',
      'ignore',
      'granted',
      'ignore',
    ])
  })

  it('counts connections apart, unless accounts or addresses share a budget', () => {
    const limits = { joins: 1, over: 'close' } as const
    const apart = new JoinBudget(limits)
    expect([apart.take(joiner(1, 'a'), 0), apart.take(joiner(2, 'a'), 0)]).toEqual([
      'granted',
      'granted',
    ])
    const shared = new JoinBudget({ ...limits, per: 'identity' })
    expect([shared.take(joiner(1, 'a'), 0), shared.take(joiner(2, 'a'), 0)]).toEqual([
      'granted',
      'close',
    ])
    const anonymous = new JoinBudget({ ...limits, per: 'identity' })
    expect([
      anonymous.take(joiner(1, 'justinfan1'), 0),
      anonymous.take(joiner(2, 'justinfan2'), 0),
    ]).toEqual(['granted', 'close'])
    const address = new JoinBudget({ ...limits, per: 'address' })
    expect([address.take(joiner(1, 'a'), 0), address.take(joiner(2, 'b'), 0)]).toEqual([
      'granted',
      'close',
    ])
  })

  it('refuses one channel too many on a connection', () => {
    const budget = new JoinBudget({ joins: 100, channelsPerConnection: 2 })
    expect(budget.take(joiner(1, 'a', 1), 0)).toBe('granted')
    expect(budget.take(joiner(1, 'a', 2), 0)).toBe('ignore')
  })

  it('forgets the budget of a connection that is gone', () => {
    const budget = new JoinBudget({ joins: 1 })
    expect(budget.take(joiner(1, 'a'), 0)).toBe('granted')
    budget.forget(1)
    expect(budget.take(joiner(1, 'a'), 0)).toBe('granted')
  })
})

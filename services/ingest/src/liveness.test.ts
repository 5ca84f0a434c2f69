import { describe, expect, it } from 'vitest'
import { Liveness } from './liveness.ts'

function setup() {
  let now = 0
  const liveness = new Liveness({ pingAfterMs: 20_000, endAfterMs: 35_000, nowMs: () => now })
  /** Checks once a second, as the pool does, and returns what it said at which second. */
  const seconds = (count: number): string[] =>
    Array.from({ length: count }, () => {
      now += 1000
      const todo = liveness.check()
      return todo === 'nothing' ? '' : `${todo} at ${now / 1000}`
    }).filter((text) => text !== '')
  const jump = (ms: number): void => {
    now += ms
  }
  return { liveness, seconds, jump }
}

describe('Liveness', () => {
  it('asks once after a silence and ends the socket when nothing comes', () => {
    const { seconds } = setup()
    expect(seconds(35)).toEqual(['ping at 20', 'end at 35'])
  })

  it('counts any data as life', () => {
    const { liveness, seconds } = setup()
    expect(seconds(34)).toEqual(['ping at 20'])
    liveness.data()
    expect(seconds(30)).toEqual(['ping at 54'])
  })

  it('does not blame the peer when this process stood still', () => {
    const { liveness, seconds, jump } = setup()
    seconds(5)
    jump(600_000)
    expect(liveness.check()).toBe('nothing')
    expect(seconds(14)).toEqual([])
    expect(seconds(1)).toEqual(['ping at 620'])
  })
})

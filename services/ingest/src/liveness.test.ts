import { describe, expect, it } from 'vitest'
import { Liveness } from './liveness.ts'

function setup() {
  let now = 0
  const liveness = new Liveness({ pongMsMax: 5000, silenceMsMax: 35_000, nowMs: () => now })
  /** Checks once a second and returns when it was no more alive. */
  const seconds = (count: number, waitingSinceMs?: number): string[] =>
    Array.from({ length: count }, () => {
      now += 1000
      const peer = liveness.check(waitingSinceMs)
      return peer === 'alive' ? '' : `${peer} at ${now / 1000}`
    }).filter((text) => text !== '')
  const jump = (ms: number): void => {
    now += ms
  }
  return { liveness, seconds, jump }
}

describe('Liveness', () => {
  it('suspects a peer whose PONG does not come, and ends one that is silent for long', () => {
    const { liveness, seconds } = setup()
    expect(seconds(5)).toEqual([])
    expect(seconds(5, 5000)).toEqual(['suspect at 10'])
    expect(seconds(1)).toEqual([])
    liveness.data()
    expect(seconds(34)).toEqual([])
    expect(seconds(1)).toEqual(['gone at 46'])
  })

  it('counts data as life, but not as a PONG', () => {
    const { liveness, seconds } = setup()
    seconds(4, 0)
    liveness.data()
    expect(seconds(1, 0)).toEqual(['suspect at 5'])
    expect(seconds(33)).toEqual([])
    expect(seconds(1)).toEqual(['gone at 39'])
  })

  it('does not blame the peer when this process stood still or did not read', () => {
    const { liveness, seconds, jump } = setup()
    seconds(2, 0)
    jump(600_000)
    expect(seconds(5, 0)).toEqual([])
    expect(seconds(1, 0)).toEqual(['suspect at 608'])
    liveness.excuse()
    expect(seconds(4, 0)).toEqual([])
    expect(seconds(1, 0)).toEqual(['suspect at 613'])
  })
})

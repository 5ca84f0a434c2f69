import { describe, expect, it } from 'vitest'
import { PingLog } from './ping-log.ts'

describe('PingLog', () => {
  it('covers up to the PING whose answer came before what is stored (I1)', () => {
    const log = new PingLog(50)
    expect([log.ask(100), log.ask(200), log.ask(300)]).toEqual(['poglog-1', 'poglog-2', 'poglog-3'])
    expect(log.waitingSinceMs).toBe(100)
    expect(log.answer('poglog-1', 150)).toBe(true)
    expect(log.answer('poglog-2', 250)).toBe(true)
    expect(log.waitingSinceMs).toBe(300)
    expect([150, 151, 250, 251, 1000].map((storedMs) => log.coveredMs(storedMs))).toEqual([
      50, 100, 100, 200, 200,
    ])
    // Storing never goes back, but whoever asks may have looked earlier.
    expect(log.coveredMs(100)).toBe(200)
  })

  it('takes an answer for one to all that were asked before', () => {
    const log = new PingLog(0)
    log.ask(100)
    const token = log.ask(200)
    expect(log.answer(token, 210)).toBe(true)
    expect(log.waitingSinceMs).toBeUndefined()
    expect(log.answer('poglog-1', 220)).toBe(false)
    expect(log.coveredMs(1000)).toBe(200)
  })

  it('stays small when nothing is answered, or nothing is stored', () => {
    const log = new PingLog(0)
    for (let second = 1; second <= 1000; second += 1) log.ask(second * 1000)
    expect(log.waitingSinceMs).toBe(701_000)
    for (let second = 1001; second <= 2000; second += 1) {
      log.answer(log.ask(second * 1000), second * 1000 + 100)
    }
    expect(log.coveredMs(1_010_101)).toBe(1_010_000)
    expect(log.coveredMs(1_999_000)).toBeLessThan(1_999_000)
    expect(log.coveredMs(2_000_101)).toBe(2_000_000)
  })
})

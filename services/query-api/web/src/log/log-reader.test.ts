import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryLog } from '../testing/memory-log.ts'
import { LogReader } from './log-reader.ts'
import { edgeOf, linesOf, LOG_LIMITS } from './log-window.ts'
import type { LogQuery } from './log-query.ts'

const QUERY: LogQuery = { channel: 'pogfox', user: undefined, search: '', types: '' }
const keys = (reader: LogReader): string[] => linesOf(reader.state.window).map(({ key }) => key)
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index))

function logOf(count: number): MemoryLog {
  const log = new MemoryLog()
  for (let line = 0; line < count; line += 1) log.add(line * 10)
  return log
}

/** Everything that was under way has ended. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}

describe('a reader', () => {
  it('begins at the newest lines and goes back to the first', async () => {
    const log = logOf(1200)
    const reader = new LogReader(QUERY, log.deps)
    await reader.begin(undefined)
    expect(keys(reader)).toEqual(numbers(1100, 1200))
    expect(edgeOf(reader.state.window, 'newer').kind).toBe('end')
    while (edgeOf(reader.state.window, 'older').kind !== 'end') await reader.more('older')
    expect(keys(reader)).toEqual(numbers(0, 1200))
  })

  it('begins at a time with what lies around it', async () => {
    const reader = new LogReader(QUERY, logOf(1000).deps)
    await reader.begin(5000)
    expect(keys(reader)).toEqual(numbers(400, 600))
  })

  it('holds so many pages, and comes back to what it let go', async () => {
    const log = logOf(12_000)
    const reader = new LogReader(QUERY, log.deps)
    await reader.begin(0)
    for (let page = 0; page < 25; page += 1) await reader.more('newer')
    expect(reader.state.window).toHaveLength(LOG_LIMITS.pagesMax)
    const [top] = keys(reader)
    expect(Number(top)).toBeGreaterThan(4000)
    while (edgeOf(reader.state.window, 'older').kind !== 'end') await reader.more('older')
    expect(keys(reader)[0]).toBe('0')
    const held = keys(reader).map(Number)
    expect(held).toEqual(held.map((_, index) => index))
  })

  it('says what did not come, and tries again', async () => {
    const log = logOf(500)
    log.isAway = true
    const reader = new LogReader(QUERY, log.deps)
    await reader.begin(undefined)
    expect(reader.state.first).toMatchObject({ error: new Error('the log is away') })
    log.isAway = false
    await reader.begin(undefined)
    log.isAway = true
    await reader.more('older')
    expect(reader.state.older).toMatchObject({ error: new Error('the log is away') })
    log.isAway = false
    await reader.more('older')
    expect(keys(reader)).toEqual(numbers(0, 500))
  })

  it('forgets what was asked before it began anew', async () => {
    const log = logOf(1000)
    const reader = new LogReader(QUERY, log.deps)
    const { promise, resolve } = Promise.withResolvers<void>()
    log.hold = promise
    const before = reader.begin(0)
    log.hold = undefined
    await reader.begin(undefined)
    resolve()
    await before
    expect(keys(reader)).toEqual(numbers(900, 1000))
  })

  it('counts live lines that nobody looks at', async () => {
    const log = logOf(10)
    const reader = new LogReader(QUERY, log.deps)
    await reader.begin(undefined)
    reader.follow(true)
    reader.takeLive([log.add(100)])
    expect(reader.state.unseen).toBe(0)
    reader.follow(false)
    reader.takeLive([log.add(110), log.add(120)])
    expect(reader.state.unseen).toBe(2)
    expect(keys(reader)).toEqual(numbers(0, 13))
    reader.follow(true)
    expect(reader.state.unseen).toBe(0)
  })

  it('keeps what somebody reads when much comes live, and the rest is there when they come back', async () => {
    const log = logOf(100)
    const reader = new LogReader(QUERY, log.deps)
    await reader.begin(undefined)
    for (let batch = 0; batch < 200; batch += 1) {
      reader.takeLive(Array.from({ length: 50 }, () => log.add(log.nowMs + 1)))
    }
    await settled()
    expect(keys(reader)[0]).toBe('0')
    expect(reader.state.unseen).toBe(10_000)
    reader.follow(true)
    for (let turn = 0; turn < 20; turn += 1) await settled()
    expect(keys(reader).at(-1)).toBe('10099')
    const held = keys(reader).map(Number)
    expect(held).toEqual(held.map((_, index) => (held[0] ?? 0) + index))
  })

  it('asks again for what was missed while a page was on its way', async () => {
    const log = logOf(100)
    const reader = new LogReader(QUERY, log.deps)
    const { promise, resolve } = Promise.withResolvers<void>()
    log.hold = promise
    const begun = reader.begin(undefined)
    log.add(2000)
    reader.missed()
    reader.takeLive([log.add(2010)])
    log.hold = undefined
    resolve()
    await begun
    reader.follow(true)
    await settled()
    expect(keys(reader)).toEqual(numbers(0, 102))
  })

  it('comes back to live lines that it let go', async () => {
    const log = logOf(200)
    log.limits = { ...LOG_LIMITS, pagesMax: 3, livePageLines: 10, pageLines: 20 }
    const reader = new LogReader(QUERY, log.deps)
    await reader.begin(undefined)
    reader.follow(true)
    for (let line = 0; line < 25; line += 1) reader.takeLive([log.add(20_000 + line)])
    reader.follow(false)
    for (let page = 0; page < 4; page += 1) await reader.more('older')
    while (edgeOf(reader.state.window, 'newer').kind !== 'end') await reader.more('newer')
    const held = keys(reader).map(Number)
    expect(held).toEqual(held.map((_, index) => (held[0] ?? 0) + index))
    expect(held.at(-1)).toBe(224)
  })

  it('takes no page whose neighbour was let go while it was on its way', async () => {
    const log = logOf(1000)
    log.limits = { ...LOG_LIMITS, pagesMax: 2, livePageLines: 10, pageLines: 50 }
    const reader = new LogReader(QUERY, log.deps)
    await reader.begin(undefined)
    reader.follow(true)
    const { promise, resolve } = Promise.withResolvers<void>()
    log.hold = promise
    const older = reader.more('older')
    for (let line = 0; line < 40; line += 1) reader.takeLive([log.add(20_000 + line)])
    log.hold = undefined
    resolve()
    await older
    const held = keys(reader).map(Number)
    expect(held).toEqual(held.map((_, index) => (held[0] ?? 0) + index))
  })

  it('never has a hole or a double, whatever comes when', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant('say' as const) },
      { weight: 3, arbitrary: fc.constant('hear' as const) },
      fc.constantFrom('lose', 'older', 'newer', 'follow', 'leave', 'begin', 'at', 'hold', 'free'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(900), async (steps, start) => {
        const log = logOf(start)
        // So small that pages are let go at both ends all the time.
        log.limits = {
          pagesMax: 4,
          pageLines: 40,
          firstLines: 20,
          livePageLines: 25,
          waitingLinesMax: 70,
        }
        const reader = new LogReader(QUERY, log.deps)
        let unheard: ReturnType<MemoryLog['add']>[] = []
        let free: (() => void) | undefined
        void reader.begin(undefined)
        // As the live tail does when it has been opened.
        reader.missed()
        for (const what of steps) {
          if (what === 'say') for (let n = 0; n < 30; n += 1) unheard.push(log.add(log.nowMs + 1))
          if (what === 'hear') {
            reader.takeLive(unheard)
            unheard = []
          }
          if (what === 'lose') {
            unheard = []
            reader.missed()
          }
          if (what === 'older' || what === 'newer') void reader.more(what)
          if (what === 'follow') reader.follow(true)
          if (what === 'leave') reader.follow(false)
          if (what === 'begin') void reader.begin(undefined)
          if (what === 'at') void reader.begin(start * 5)
          if (what === 'hold') {
            free?.()
            log.hold = new Promise((resolve) => (free = resolve))
          }
          if (what === 'free') {
            free?.()
            log.hold = undefined
          }
          await settled()
          const held = keys(reader).map(Number)
          const sorted = held.toSorted((left, right) => left - right)
          expect(sorted).toEqual(sorted.map((_, index) => (sorted[0] ?? 0) + index))
        }
        free?.()
        log.hold = undefined
        reader.takeLive(unheard)
        reader.follow(true)
        for (let turn = 0; turn < 10; turn += 1) await settled()
        expect(edgeOf(reader.state.window, 'newer').kind).toBe('end')
        expect(Math.max(-1, ...keys(reader).map(Number))).toBe(log.lines.length - 1)
      }),
      { numRuns: 300 },
    )
  })
})

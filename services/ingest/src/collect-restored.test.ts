import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BASE_MS, RecentService, saidLine } from '../test/recent-service.ts'
import { collectRestored } from './collect-restored.ts'
import type { Gap, Restored } from './collect-restored.ts'
import type { RecentAnswer, RecentQuery } from './recent-messages.ts'

const at = (number: number): number => BASE_MS + number
const gapOf = (from: number | undefined, to: number): Gap => ({
  login: 'alpha',
  channelId: '11',
  fromMs: from === undefined ? undefined : at(from),
  toMs: at(to),
})

function asking(service: RecentService): (query: RecentQuery) => Promise<RecentAnswer> {
  return ({ login, limit, afterMs, beforeMs }) => {
    const url = new URL(`http://x/api/v2/recent-messages/${login}?limit=${limit}`)
    if (afterMs !== undefined) url.searchParams.set('after', String(afterMs))
    url.searchParams.set('before', String(beforeMs))
    const { messages, error_code: code } = service.answer(url)
    return Promise.resolve({ kind: 'answered', lines: messages, isJoined: code === null })
  }
}

const collect = (gap: Gap, service: RecentService): Promise<Restored> =>
  collectRestored(gap, asking(service))

const rangeOf = (from: number, to: number) => ({ fromMs: at(from), toMs: at(to) })

describe('collectRestored', () => {
  it('reaches the whole gap when a line from before it comes', async () => {
    const service = new RecentService()
    service.chat(0, 300)
    const { lines, range, skipped } = await collect(gapOf(100, 200), service)
    const texts = lines.map(({ line }) => line.raw.replace(/historical=1;rm-received-ts=\d+;/, ''))
    expect(texts).toEqual(expect.arrayContaining([saidLine(100), saidLine(150), saidLine(200)]))
    expect(range).toEqual(rangeOf(100, 200))
    expect({ skipped, asked: service.asked.length }).toEqual({ skipped: 0, asked: 1 })
  })

  it('offers nothing from outside the gap but what clocks may differ by', async () => {
    const service = new RecentService()
    for (const number of [0, 9000, 10_000, 20_000, 21_000, 22_000]) service.chat(number, number + 1)
    const { lines } = await collect(gapOf(10_000, 20_000), service)
    expect(lines.map(({ timeMs }) => timeMs - BASE_MS)).toEqual([9000, 10_000, 20_000, 21_000])
  })

  it('asks on where a quiet channel has no line from just before the gap', async () => {
    const service = new RecentService()
    service.chat(0, 1)
    service.chat(500_000, 500_010)
    const gap = gapOf(400_000, 600_000)
    expect(await collect(gap, service)).toMatchObject({ range: rangeOf(400_000, 600_000) })
    expect(service.asked.map(({ searchParams }) => searchParams.get('limit'))).toEqual([
      '800',
      '10',
    ])
  })

  it('reaches a gap in which nothing was said', async () => {
    const service = new RecentService()
    service.chat(0, 1)
    const { lines, range } = await collect(gapOf(400_000, 600_000), service)
    expect({ lines, range }).toEqual({ lines: [], range: rangeOf(400_000, 600_000) })
  })

  it('reaches from the oldest line on where the service keeps no more', async () => {
    const service = new RecentService()
    service.chat(0, 3000)
    const { lines, range } = await collect(gapOf(1000, 2999), service)
    expect(lines.length).toBe(800)
    expect(range).toEqual(rangeOf(2200, 2999))
  })

  it('goes back page by page where the service gives fewer lines than asked for', async () => {
    const service = new RecentService()
    service.limitMax = 250
    service.chat(0, 700)
    const { lines, range } = await collect(gapOf(100, 699), service)
    expect(range).toEqual(rangeOf(100, 699))
    expect(lines.length).toBe(new Set(lines.map(({ line }) => line.key)).size)
    const timesMs = lines.map(({ timeMs }) => timeMs)
    expect(timesMs).toEqual(timesMs.toSorted((a, b) => a - b))
    expect(lines.length).toBeGreaterThanOrEqual(600)
  })

  it('takes what there is of a channel that was never joined before', async () => {
    const service = new RecentService()
    service.limitMax = 50
    service.chat(0, 300)
    expect(await collect(gapOf(undefined, 299), service)).toMatchObject({
      range: rangeOf(250, 299),
    })
    expect(service.asked.length).toBe(1)
  })

  it('claims nothing when the service joined because it was asked', async () => {
    const service = new RecentService()
    service.join(at(70_000))
    const { range } = await collect(gapOf(1000, 65_000), service)
    expect(range).toBeUndefined()
    service.rows = []
    expect(await collect(gapOf(1000, 65_000), service)).toMatchObject({ range: undefined })
  })

  it('claims only what was sent after the service joined in the middle of the gap', async () => {
    const service = new RecentService()
    service.chat(0, 200)
    service.join(at(300))
    service.chat(400, 600)
    expect(await collect(gapOf(100, 599), service)).toMatchObject({ range: rangeOf(300, 599) })
  })

  it('claims nothing behind the newest line of a service that left the channel', async () => {
    const service = new RecentService()
    service.isJoined = false
    service.chat(0, 200)
    expect(await collect(gapOf(100, 5000), service)).toMatchObject({ range: rangeOf(100, 199) })
    service.rows = []
    expect(await collect(gapOf(100, 5000), service)).toMatchObject({ range: undefined, lines: [] })
  })

  it('counts lines of other channels and forged ones, and offers none (S1)', async () => {
    const service = new RecentService()
    service.chat(0, 20)
    service.receive(at(10), saidLine(21, 'alpha', '12'))
    service.receive(at(11), saidLine(22, 'beta', '11'))
    service.receive(at(12), '@room-id=11;tmi-sent-ts=1700000000012 :poglog GAP #alpha :dropped')
    service.receive(at(13), 'no line at all')
    const { lines, skipped } = await collect(gapOf(5, 15), service)
    expect({ lines: lines.length, skipped }).toEqual({ lines: 20, skipped: 4 })
  })

  it('keeps what came before the service failed, and claims no more than that', async () => {
    const service = new RecentService()
    service.limitMax = 100
    service.chat(0, 300)
    const ask = asking(service)
    const failure = { kind: 'unavailable', problem: 'status 500' } as const
    const restored = await collectRestored(gapOf(50, 299), (query) =>
      service.asked.length < 1 ? ask(query) : Promise.resolve(failure),
    )
    expect(restored).toMatchObject({ failure, range: rangeOf(200, 299) })
    expect(restored.lines.length).toBe(100)
  })

  it('never claims a time of which a line is missing, whatever the service kept (I1)', async () => {
    const number = fc.integer({ min: 0, max: 1200 })
    const model = fc.record({
      from: number,
      to: number,
      limitMax: fc.integer({ min: 1, max: 400 }),
      kept: fc.integer({ min: 0, max: 600 }),
      joinedAt: fc.option(number, { nil: undefined }),
      isJoined: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(model, async ({ from, to, limitMax, kept, joinedAt, isJoined }) => {
        const service = new RecentService()
        Object.assign(service, { limitMax, isJoined })
        const sentTo = isJoined ? 1200 : 900
        if (joinedAt !== undefined) service.join(at(joinedAt))
        service.chat(joinedAt ?? 0, sentTo)
        service.rows = service.rows.slice(kept === 0 ? service.rows.length : -kept)
        const { lines, range } = await collect(gapOf(from, to), service)
        if (range === undefined) return
        expect(range.fromMs).toBeGreaterThanOrEqual(at(from))
        expect(range.toMs).toBeLessThanOrEqual(at(to))
        const got = new Set(lines.map(({ timeMs }) => timeMs))
        for (let ms = range.fromMs; ms < Math.min(range.toMs, at(1200)); ms += 1) {
          expect(got.has(ms)).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })
})

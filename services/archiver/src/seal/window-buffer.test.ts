import type { HotEntry } from '@poglog/hot-store'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR_MS, periodStart } from '../period.ts'
import { WindowBuffer } from './window-buffer.ts'

const LIMITS = { periodMs: HOUR_MS, recordsMax: 10, rawBytesMax: 1_000_000 }

describe('WindowBuffer', () => {
  it('keeps the cut it was given when everything fits', () => {
    const window = bufferOf(HOUR_MS * 9, { '1': [HOUR_MS * 8, HOUR_MS * 9 - 1] })
    expect(window).toMatchObject({ cutMs: HOUR_MS * 9, entries: 2, earliestMs: HOUR_MS * 8 })
  })

  it('ends at the hour of the earliest entry, whichever channel has it', () => {
    const window = bufferOf(HOUR_MS * 9, {
      '1': [HOUR_MS * 8 + 5],
      '2': [HOUR_MS * 3 + 5, HOUR_MS * 4],
      '3': [HOUR_MS * 6],
    })
    expect(window).toMatchObject({ cutMs: HOUR_MS * 4, entries: 1 })
    expect([...window.channels.keys()]).toEqual(['2'])
  })

  it('lowers the cut when there are a quarter more records than it may hold', () => {
    const arrivals = Array.from({ length: 40 }, (_, index) => HOUR_MS + index)
    const window = bufferOf(HOUR_MS * 2, { '1': arrivals })
    expect(window.entries).toBeLessThanOrEqual(LIMITS.recordsMax * 1.25)
    expect(window.entries).toBeGreaterThanOrEqual(LIMITS.recordsMax / 2)
    expect(window.cutMs).toBe(HOUR_MS + window.entries)
  })

  it('lowers the cut when the lines are long', () => {
    const window = new WindowBuffer(HOUR_MS, { ...LIMITS, recordsMax: 1000, rawBytesMax: 100 })
    for (let at = 0; at < 20; at += 1) window.add('1', [entryOf('1', at, 'x'.repeat(20))])
    expect(window.entries * 20).toBeLessThanOrEqual(125)
    expect(window.cutMs).toBe(window.entries)
  })

  it('takes all of one millisecond, because it cannot be cut', () => {
    const window = bufferOf(HOUR_MS * 2, { '1': Array.from({ length: 50 }, () => HOUR_MS) })
    expect(window).toMatchObject({ entries: 50, cutMs: HOUR_MS + 1 })
  })

  it('holds exactly the entries before its cut, whatever the order of channels (A1)', () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 3 * HOUR_MS }), { maxLength: 60 })
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^\d{1,3}$/), arrivals), (channels) => {
        const window = bufferOf(3 * HOUR_MS, channels)
        const before = Object.values(channels)
          .flat()
          .filter((arrivalMs) => arrivalMs < window.cutMs)
        const held = [...window.channels.values()].flat().map((entry) => entry.receivedAtMs)
        expect(held.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b))
        expect(window.entries).toBe(before.length)
        const hours = new Set(before.map((arrivalMs) => periodStart(arrivalMs, HOUR_MS)))
        expect(hours.size).toBeLessThanOrEqual(1)
      }),
    )
  })
})

function bufferOf(cutMs: number, channels: Record<string, number[]>): WindowBuffer {
  const window = new WindowBuffer(cutMs, LIMITS)
  for (const [channelId, arrivals] of Object.entries(channels)) {
    const entries = arrivals.toSorted((a, b) => a - b).map((at) => entryOf(channelId, at, 'raw'))
    window.add(channelId, entries)
  }
  return window
}

function entryOf(channelId: string, receivedAtMs: number, raw: string): HotEntry {
  const id = `${receivedAtMs}-0`
  return { id, channelId, receivedAtMs, sentAtMs: receivedAtMs, userId: '', type: 'PRIVMSG', raw }
}

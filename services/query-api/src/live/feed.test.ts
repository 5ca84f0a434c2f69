import type { HotEntry, TailPage } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { recordOf } from '../testing/lines.ts'
import { Feed } from './feed.ts'
import type { FeedReader } from './feed.ts'

const LIMITS = { keptMs: 100, keptBytesMax: 1_000_000 }
const PAGE = 4

/** A reader that notes the numbers of the lines it is given. */
class Reader implements FeedReader {
  readonly texts: string[] = []
  gaps = 0
  damages = 0

  take(records: Parameters<FeedReader['take']>[0]): void {
    this.texts.push(...records.map(({ record }) => record.raw.split(' :message ')[1] ?? ''))
  }

  onGap(): void {
    this.gaps += 1
  }

  onDamage(): void {
    this.damages += 1
  }
}

function entry(arrivedMs: number, number: number, sentAtMs = arrivedMs): HotEntry {
  const record = recordOf({ number, sentAtMs })
  return { ...record, id: `${arrivedMs}-${number}`, receivedAtMs: arrivedMs }
}

function page(entries: readonly HotEntry[], more: Partial<TailPage> = {}): TailPage {
  const nowMs = entries.at(-1)?.receivedAtMs ?? 1000
  const channels = new Map([['10', entries]])
  return { nowMs, floorMs: 0, trimmedMs: 0, channels, damaged: new Map(), ...more }
}

function started(): { feed: Feed; reader: Reader } {
  const feed = new Feed('10')
  feed.start(1000)
  const reader = new Reader()
  feed.attach(reader)
  return { feed, reader }
}

describe('a feed', () => {
  it('ends with an error when its stream is damaged, also for who comes later', async () => {
    const { feed, reader } = started()
    const error = new Error('damaged')
    feed.fail(error)
    await expect(feed.ready).rejects.toBe(error)
    const later = new Reader()
    feed.attach(later)
    expect([reader.damages, later.damages]).toEqual([1, 1])
  })

  it('gives what one append brought in the order of sent times', () => {
    const { feed, reader } = started()
    feed.take(page([entry(1001, 1, 30), entry(1001, 2, 10), entry(1002, 3, 5)]), PAGE, LIMITS)
    expect(reader.texts).toEqual(['2', '1', '3'])
    expect(feed.afterId).toBe('1002-3')
    expect(feed.clearMs).toBe(1003)
  })

  it('leaves the last append of a full page for the next one, as it may not be whole', () => {
    const { feed, reader } = started()
    const sentMs = [1, 2, 3, 4, 5]
    const all = sentMs.map((ms) => entry(ms < 3 ? 1001 : 1002, ms, ms))
    feed.take(page(all.slice(0, PAGE)), PAGE, LIMITS)
    expect(reader.texts).toEqual(['1', '2'])
    expect(feed.isBehind).toBe(true)
    expect(feed.afterId).toBe('1001-2')
    feed.take(page(all.slice(2)), PAGE, LIMITS)
    expect(reader.texts).toEqual(['1', '2', '3', '4', '5'])
    expect(feed.isBehind).toBe(false)
  })

  it('sends its readers to history when something may have been trimmed unread, and only then (Q1)', () => {
    const { feed, reader } = started()
    feed.take(page([], { floorMs: 1500 }), PAGE, LIMITS)
    // Sealed and trimmed, but nothing can have arrived before the floor that was read.
    feed.take(page([], { floorMs: 1600, trimmedMs: 1500 }), PAGE, LIMITS)
    expect(reader.gaps).toBe(0)
    feed.take(page([entry(1700, 1)], { floorMs: 1700, trimmedMs: 1650 }), PAGE, LIMITS)
    expect(reader.gaps).toBe(1)
    expect(reader.texts).toEqual([])
    expect(feed.covers(1649)).toBe(false)
    expect(feed.covers(1650)).toBe(true)
    expect(feed.keptFrom(1650)).toHaveLength(1)
  })

  it('keeps records for some time and in bounded memory, those of an arrival together', () => {
    const { feed } = started()
    feed.take(page([entry(1001, 1), entry(1001, 2), entry(1050, 3)]), PAGE, LIMITS)
    expect(feed.covers(1000)).toBe(true)
    feed.take(page([entry(1120, 4)]), PAGE, LIMITS)
    expect(feed.covers(1001)).toBe(false)
    expect(feed.covers(1002)).toBe(true)
    expect(feed.keptFrom(0)).toHaveLength(2)
    const small = { ...LIMITS, keptBytesMax: 1 }
    feed.take(page([entry(1121, 5), entry(1121, 6)]), PAGE, small)
    // Who has got to the end finds it here, whatever it takes.
    expect(feed.keptFrom(0)).toHaveLength(2)
    expect(feed.covers(1121)).toBe(true)
  })
})

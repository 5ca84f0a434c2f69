import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { z } from 'zod'
import type { KnownLine } from './chat/lines.ts'

/** Somebody turns the wheel by about a screen. */
const WHEEL_PX = 600
const READ_MS_MAX = 120_000

const messageSchema = z.object({ id: z.string(), timestamp: z.string() })

/** The list of messages. */
export function feedOf(page: Page): Locator {
  return page.getByRole('feed', { name: 'Messages' })
}

/** What scrolls. */
export function scrollerOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Log of messages' })
}

/** What the log shows of a message. */
export function entryOf(page: Page, { id }: Pick<KnownLine, 'id'>): Locator {
  return feedOf(page)
    .getByRole('article')
    .filter({ has: page.locator(`a[href*="message=${id}"]:has(time)`) })
}

/** The address of a channel's log at a time. */
export function logAt(channel: string, timeMs: number): string {
  return `/?channel=${channel}&at=${new Date(timeMs).toISOString()}`
}

/** Time and id of every line that is drawn, in the order of the log, as the links to them say. */
export async function drawnLines(page: Page): Promise<string[]> {
  const hrefs = await feedOf(page)
    .getByRole('article')
    .evaluateAll((entries) =>
      entries
        .toSorted((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet))
        .map((entry) => entry.querySelector('a:has(time)')?.getAttribute('href') ?? ''),
    )
  return hrefs.map((href) => {
    const query = new URLSearchParams(href.slice(href.indexOf('?')))
    return lineName(query.get('at') ?? '', query.get('message') ?? '')
  })
}

/** The same of what the API answers, oldest first. */
export async function answeredLines(api: string, path: string): Promise<string[]> {
  const query = `${path.includes('?') ? '&' : '?'}order=asc&format=ndjson`
  const response = await fetch(`${api}${path}${query}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
  return text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
    .map((message) => messageSchema.parse(message))
    .map(({ timestamp, id }) => lineName(timestamp, id))
}

/** Waits until the log shows the end of what the API answers: nothing else, nothing left out. */
export async function seeEndOf(page: Page, answered: readonly string[]): Promise<void> {
  await expect
    .poll(async () => {
      const drawn = await drawnLines(page)
      return drawn.length > 0 && drawn.join() === answered.slice(-drawn.length).join()
    })
    .toBe(true)
}

/** Waits until the log shows these lines and no others. */
export async function seeAll(page: Page, lines: readonly KnownLine[]): Promise<void> {
  const names = lines.map(({ sentAtMs, id }) => lineName(new Date(sentAtMs).toISOString(), id))
  await expect.poll(() => drawnLines(page)).toEqual(names)
}

function lineName(time: string, id: string): string {
  return `${new Date(time).toISOString()} ${id}`
}

/** Scrolls up to a line, by the wheel. @returns all that was seen on the way, in the order of the log. */
export async function readUpwards(page: Page, first: string | undefined): Promise<string[]> {
  await scrollerOf(page).hover()
  const seen: string[] = []
  const readOn = async (): Promise<string | undefined> => {
    const drawn = await drawnLines(page)
    const known = drawn.findIndex((line) => line === seen[0])
    seen.unshift(...(known === -1 ? drawn : drawn.slice(0, known)))
    await page.mouse.wheel(0, -WHEEL_PX)
    return seen[0]
  }
  await expect.poll(readOn, { interval: 10, timeout: READ_MS_MAX }).toBe(first)
  return seen
}

/** Every frame from now on: how far an element moved away from where it is now, in pixels. */
export async function watchPlace(entry: Locator): Promise<() => Promise<number>> {
  const watch = await entry.evaluateHandle((element) => {
    const startPx = element.getBoundingClientRect().top
    const state = { awayPx: 0 }
    const look = (): void => {
      // What was taken out of the page has no place any more.
      const topPx = element.isConnected ? element.getBoundingClientRect().top : Infinity
      state.awayPx = Math.max(state.awayPx, Math.abs(topPx - startPx))
      requestAnimationFrame(look)
    }
    look()
    return state
  })
  return async () => await watch.evaluate((state) => state.awayPx)
}

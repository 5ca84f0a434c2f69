import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { z } from 'zod'
import { atMost } from '../bench.ts'
import type { Row } from '../bench.ts'
import { medianOf } from '../parser/race.ts'
import type { Day } from './day.ts'

export const RECORDER = fileURLToPath(new URL('recorder.mjs', import.meta.url))
const ROUNDS = 5
/** A slow phone network: 1.6 Mbit/s down, 0.75 up, 150 ms there and back. */
const SLOW = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
}
/** What Google calls good. @see https://web.dev/articles/lcp */
const LARGEST_MS_MAX = 2500
const loadedSchema = z.object({ firstLineMs: z.number(), largestMs: z.number() })

/** Opens the day without a cache over a slow network. */
export async function coldLoad(browser: Browser, day: Day): Promise<Row[]> {
  const loads: z.output<typeof loadedSchema>[] = []
  for (let round = 0; round < ROUNDS; round += 1) loads.push(await loadOnce(browser, day))
  const name = 'cold load at 1.6 Mbit/s and 150 ms'
  return [
    atMost(LARGEST_MS_MAX, {
      name: `${name}: first message`,
      value: medianOf(loads.map(({ firstLineMs }) => firstLineMs)),
      unit: 'ms',
    }),
    atMost(LARGEST_MS_MAX, {
      name: `${name}: largest contentful paint`,
      value: medianOf(loads.map(({ largestMs }) => largestMs)),
      unit: 'ms',
    }),
  ]
}

async function loadOnce(browser: Browser, { api, channel }: Day) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  await using _closing = { [Symbol.asyncDispose]: () => context.close() }
  await context.addInitScript({ path: RECORDER })
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await cdp.send('Network.enable')
  await cdp.send('Network.emulateNetworkConditions', SLOW)
  await page.goto(`${api}/?channel=${channel}`)
  await page.getByRole('article').first().waitFor()
  // What is drawn after the first lines may be larger; the page is quiet when no request is under way.
  await page.waitForLoadState('networkidle')
  return loadedSchema.parse(await page.evaluate('recorder.loaded()'))
}

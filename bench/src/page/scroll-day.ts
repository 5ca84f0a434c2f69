import type { Browser, CDPSession, Page } from 'playwright-core'
import { z } from 'zod'
import { atMost } from '../bench.ts'
import type { Row } from '../bench.ts'
import { RECORDER } from './cold-load.ts'
import type { Day } from './day.ts'

const VIEWPORT = { width: 1280, height: 800 }
/** Less than is drawn at once, so that no line is jumped over. */
const WHEEL_PX = 600
/** Wheel steps between looks at the memory and for the end. */
const STEPS_A_LOOK = 50
const SCROLL_MS_MAX = 30 * 60_000
const FRAME_MS = 1000 / 60
const SLOW_FRAME_MS = 50
const LONGEST_FRAME_MS_MAX = 200
const SLOW_FRAMES_SHARE_MAX = 0.01
const HEAP_MB_MAX = 100
const ELEMENTS_MAX = 3000

const timingSchema = z.object({
  frames: z.array(z.number()),
  longTasks: z.array(z.number()),
  elements: z.int(),
})

interface Memory {
  readonly heapMb: number
  readonly nodes: number
}

/** Scrolls through the whole day with the wheel, as fast as it loads. */
export async function scrollDay(browser: Browser, day: Day): Promise<Row[]> {
  const context = await browser.newContext({ viewport: VIEWPORT })
  await using _closing = { [Symbol.asyncDispose]: () => context.close() }
  await context.addInitScript({ path: RECORDER })
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable')
  await page.goto(`${day.api}/?channel=${day.channel}&at=${new Date(day.startMs).toISOString()}`)
  await page.getByRole('article').first().waitFor()
  const start = await memoryOf(cdp, { isCollected: true })
  await page.evaluate('recorder.start()')
  const startedMs = performance.now()
  const peak = await scrollToEnd(page, cdp)
  const seconds = (performance.now() - startedMs) / 1000
  const end = await memoryOf(cdp, { isCollected: true })
  const { frames, longTasks, elements } = timingSchema.parse(
    await page.evaluate('recorder.timing()'),
  )
  const lines = z.array(z.string()).parse(await page.evaluate('recorder.lines()'))
  return [
    ...orderRows(lines, await answeredIds(day)),
    { name: 'scrolled from end to end', value: seconds, unit: 's' },
    ...frameRows(frames, longTasks),
    ...memoryRows({ start, peak, end }, elements),
  ]
}

async function scrollToEnd(page: Page, cdp: CDPSession): Promise<Memory> {
  await page.getByRole('region', { name: 'Log of messages' }).hover()
  const endMs = performance.now() + SCROLL_MS_MAX
  let peak: Memory = { heapMb: 0, nodes: 0 }
  do {
    for (let step = 0; step < STEPS_A_LOOK; step += 1) await page.mouse.wheel(0, WHEEL_PX)
    const { heapMb, nodes } = await memoryOf(cdp)
    peak = { heapMb: Math.max(peak.heapMb, heapMb), nodes: Math.max(peak.nodes, nodes) }
    if (performance.now() > endMs) throw new Error('the end of the day is not reached')
  } while ((await page.evaluate('recorder.isAtEnd()')) !== true)
  for (let step = 0; step < STEPS_A_LOOK; step += 1) await page.mouse.wheel(0, WHEEL_PX)
  return peak
}

async function memoryOf(cdp: CDPSession, { isCollected = false } = {}): Promise<Memory> {
  if (isCollected) await cdp.send('HeapProfiler.collectGarbage')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const of = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? 0
  return { heapMb: of('JSHeapUsedSize') / 1e6, nodes: of('Nodes') }
}

/** Ids of the day's messages in the order of the API. */
async function answeredIds({ api, channel, startMs, endMs }: Day): Promise<string[]> {
  const query = `from=${startMs}&to=${endMs}&order=asc&format=ndjson`
  const response = await fetch(`${api}/channel/${channel}/logs?${query}`)
  const messageSchema = z.object({ id: z.string() })
  const ids: string[] = []
  for (const line of (await response.text()).trimEnd().split('\n')) {
    const message: unknown = JSON.parse(line)
    ids.push(messageSchema.parse(message).id)
  }
  return ids
}

function orderRows(seen: readonly string[], answered: readonly string[]): Row[] {
  const ids = answered.filter((id) => id !== '')
  const known = new Set(ids)
  const seenIds = seen.filter((name) => known.has(name))
  const misplaced = ids.filter((id, index) => seenIds[index] !== id).length
  return [
    { name: 'lines of the day', value: answered.length, unit: '' },
    atMost(0, {
      name: 'lines not seen, or more than once',
      value: Math.abs(answered.length - seen.length),
      unit: '',
    }),
    atMost(0, { name: 'messages in another place than the API has', value: misplaced, unit: '' }),
  ]
}

function frameRows(frames: readonly number[], longTasks: readonly number[]): Row[] {
  const longest = frames.reduce((most, ms) => Math.max(most, ms), 0)
  // A frame of the display is 16.7 ms give or take some: one and a half is one that was missed.
  const missed = frames.filter((ms) => ms > FRAME_MS * 1.5).length
  const slow = frames.filter((ms) => ms > SLOW_FRAME_MS).length
  return [
    { name: 'frames', value: frames.length, unit: '' },
    atMost(LONGEST_FRAME_MS_MAX, { name: 'longest frame', value: longest, unit: 'ms' }),
    { name: 'frames over 16.7 ms', value: (100 * missed) / frames.length, unit: '%' },
    atMost(100 * SLOW_FRAMES_SHARE_MAX, {
      name: 'frames over 50 ms',
      value: (100 * slow) / frames.length,
      unit: '%',
    }),
    { name: 'long tasks', value: longTasks.length, unit: '' },
    { name: 'longest task', value: longTasks.reduce((a, b) => Math.max(a, b), 0), unit: 'ms' },
  ]
}

function memoryRows(
  { start, peak, end }: Record<'start' | 'peak' | 'end', Memory>,
  elements: number,
): Row[] {
  return [
    { name: 'heap at the start', value: start.heapMb, unit: 'MB' },
    atMost(HEAP_MB_MAX, { name: 'heap, the most', value: peak.heapMb, unit: 'MB' }),
    { name: 'heap at the end', value: end.heapMb, unit: 'MB' },
    atMost(ELEMENTS_MAX, { name: 'elements of the page, the most', value: elements, unit: '' }),
    { name: 'nodes at the start', value: start.nodes, unit: '' },
    { name: 'nodes, the most, with those that wait to be freed', value: peak.nodes, unit: '' },
    { name: 'nodes at the end', value: end.nodes, unit: '' },
  ]
}

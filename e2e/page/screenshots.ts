import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { startBrowser } from './browser.ts'
import { BAY, MIRA } from './chat/people.ts'
import { feedOf, logAt } from './log-reading.ts'
import { openPageWorld } from './page-world.ts'
import type { PageWorld } from './page-world.ts'

const FOLDER = join(import.meta.dirname, '../../docs/screenshots')
const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** An hour in which much is said. */
const EVENING_MS = 20.25 * HOUR_MS

interface Shot {
  readonly name: string
  readonly address: string
  readonly isThere: (page: Page) => Promise<void>
  readonly options?: BrowserContextOptions
}

// Made-up chat alone is shown: what the README shows must not be anybody's words.
await using world = await openPageWorld(Date.now())
await mkdir(FOLDER, { recursive: true })
const browser = await startBrowser()
for (const shot of shotsOf(world)) {
  await take(shot)
  process.stdout.write(`${join(FOLDER, shot.name)}.png\n`)
}
await browser.close()

async function take({ name, address, isThere, options = {} }: Shot): Promise<void> {
  const context = await browser.newContext({
    baseURL: world.api,
    viewport: DESKTOP,
    reducedMotion: 'reduce',
    colorScheme: 'light',
    ...options,
  })
  // The same wherever it is taken: names of emotes, no pictures.
  await context.route('https://static-cdn.jtvnw.net/**', (route) => route.abort())
  const page = await context.newPage()
  await page.goto(address)
  await isThere(page)
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: join(FOLDER, `${name}.png`) })
  await context.close()
}

function shotsOf({ chat: { day, days, show } }: PageWorld): readonly Shot[] {
  const evening = logAt(BAY.login, day + EVENING_MS)
  const words = `/?channel=${BAY.login}&view=words&from=${dayText(days[0])}&to=${dayText(days[2] + DAY_MS)}`
  return [
    { name: 'channel-day', address: evening, isThere: lines },
    {
      name: 'user',
      address: `/?username=${MIRA.login}&at=${new Date(day + EVENING_MS).toISOString()}`,
      isThere: lines,
    },
    {
      name: 'words',
      address: `${words}&word=Pog&word=LUL&word=lighthouse&by=hour`,
      isThere: chart,
    },
    {
      name: 'what-was-said',
      address: words,
      isThere: (page) => page.getByRole('table', { name: /^Messages an hour/ }).waitFor(),
    },
    { name: 'live', address: `/?channel=${BAY.login}&live`, isThere: lines },
    {
      name: 'coverage',
      address: `/?channel=${BAY.login}&view=coverage`,
      isThere: (page) => page.getByRole('table', { name: /^Gaps/ }).waitFor(),
    },
    { name: 'phone', address: evening, isThere: lines, options: { viewport: PHONE } },
    {
      name: 'dark',
      address: logAt(BAY.login, show.gift.sentAtMs),
      isThere: lines,
      options: { colorScheme: 'dark' },
    },
  ]
}

async function lines(page: Page): Promise<void> {
  await feedOf(page).getByRole('article').first().waitFor()
}

async function chart(page: Page): Promise<void> {
  await page.getByRole('table', { name: 'Pog', exact: true }).waitFor()
}

/** `2026-11-21` */
function dayText(dayMs: number): string {
  return new Date(dayMs).toISOString().slice(0, 10)
}

import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { inject, test } from 'vitest'
import { CHROMIUM, startBrowser } from './browser.ts'
import { pageChat } from './chat/page-chat.ts'
import type { PageWorld } from './page-world.ts'
import { TINY_PNG } from './tiny-png.ts'
import { Trouble, TWITCH_IMAGES } from './trouble.ts'

const WAIT_MS_MAX = 20_000
const DESKTOP = { width: 1280, height: 800 }

/** Somebody's browser with a page in it. */
export interface Visit {
  readonly page: Page
  readonly trouble: Trouble
}

/** Opens an address of an API's page. */
type Open = (api: string, address: string, options?: BrowserContextOptions) => Promise<Visit>

/**
 * A test with a browser: `open` opens an address without any history. Every request, warning and error of a visit must
 * have been foreseen.
 */
export const browserTest = test
  .extend('chromium', { scope: 'file' }, CHROMIUM)
  .extend('browser', { scope: 'file' }, async ({ chromium }, { onCleanup }) => {
    const browser = await startBrowser(chromium)
    onCleanup(() => browser.close())
    return browser
  })
  .extend('open', async ({ browser }, { onCleanup }): Promise<Open> => {
    const visits: Visit[] = []
    onCleanup(async () => {
      const found = visits.flatMap(({ trouble }) => trouble.found())
      await Promise.all(visits.map(({ page }) => page.context().close()))
      if (found.length > 0) throw new Error(`nobody foresaw:\n${found.join('\n')}`)
    })
    return async (api, address, options) => {
      const visited = await newVisit(browser, api, options)
      visits.push(visited)
      await visited.page.goto(address)
      return visited
    }
  })

/**
 * A test of the page over known chat; `visit` opens an address of its page. All tests share one poglog and run beside
 * each other: what one changes in it no other may look at.
 */
export const it = browserTest
  .extend('adminKey', { scope: 'file' }, () => inject('pageWorld').adminKey)
  .extend('world', { scope: 'file' }, (): PageWorld => {
    const { api, nowMs } = inject('pageWorld')
    return { api, chat: pageChat(nowMs) }
  })
  .extend('visit', ({ world, open }) => {
    return (address: string, options?: BrowserContextOptions): Promise<Visit> =>
      open(world.api, address, options)
  })

async function newVisit(
  browser: Browser,
  api: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ baseURL: api, viewport: DESKTOP, ...options })
  context.setDefaultTimeout(WAIT_MS_MAX)
  const trouble = new Trouble(context, new URL(api).host)
  await context.route(`https://${TWITCH_IMAGES}/**`, (route) =>
    route.fulfill({ body: TINY_PNG, contentType: 'image/png' }),
  )
  return { page: await context.newPage(), trouble }
}

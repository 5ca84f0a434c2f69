import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { BAY, MIRA } from './chat/people.ts'
import { feedOf, logAt, scrollerOf } from './log-reading.ts'
import { it } from './page-test.ts'

/** Where axe says that somebody cannot use something. */
const GRAVE = new Set(['serious', 'critical'])
const TABS_MAX = 40

const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['in light', { colorScheme: 'light' }],
  ['in dark', { colorScheme: 'dark' }],
  ['on a phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true }],
]

/** A view, and what is there when it has come. */
const VIEWS: readonly { name: string; address: string; isThere: (page: Page) => Promise<void> }[] =
  [
    { name: 'the start', address: '/', isThere: headingIs(/^Twitch chat logs$/) },
    {
      name: 'a user in all channels',
      address: `/?username=${MIRA.login}`,
      isThere: (page) => feedOf(page).getByRole('article').first().waitFor(),
    },
    {
      name: 'words over time',
      address: `/?channel=${BAY.login}&view=words&word=Pog&word=LUL`,
      isThere: (page) => page.getByRole('table', { name: 'Pog', exact: true }).waitFor(),
    },
    {
      name: 'what was said',
      address: `/?channel=${BAY.login}&view=words`,
      isThere: (page) => page.getByRole('table', { name: /^Messages an hour/ }).waitFor(),
    },
    {
      name: 'coverage',
      address: `/?channel=${BAY.login}&view=coverage`,
      isThere: (page) => page.getByRole('table', { name: /^Gaps/ }).waitFor(),
    },
    {
      name: 'the key of an admin',
      address: '/?view=admin',
      isThere: (page) => page.getByLabel('Admin key').waitFor(),
    },
    { name: 'opting out', address: '/?optout', isThere: headingIs(/^Opting out$/) },
  ]

describe('the page for everybody', () => {
  for (const [looks, options] of LOOKS) {
    it(`has nothing ${looks} that somebody could not use or read`, async ({ visit, world }) => {
      const { page } = await visit('/', options)
      const log = {
        name: 'the log of a channel',
        address: logAt(BAY.login, world.chat.show.question.sentAtMs),
        isThere: (at: Page) => feedOf(at).getByRole('article').first().waitFor(),
      }
      const found: string[] = []
      for (const { name, address, isThere } of [...VIEWS, log]) {
        await page.goto(address)
        await isThere(page)
        found.push(...(await graveFindings(page)).map((finding) => `${name}: ${finding}`))
        const isWider = await page.evaluate(() => document.body.scrollWidth > innerWidth)
        if (isWider) found.push(`${name}: has to be scrolled sideways`)
      }
      expect(found).toEqual([])
    })
  }

  it('leads from the address bar to the messages of a day without a mouse', async ({
    visit,
    world,
  }) => {
    const { page } = await visit('/')
    await tabTo(page, 'Channel')
    await page.keyboard.type(BAY.login)
    await page.keyboard.press('Enter')
    await feedOf(page).getByRole('article').first().waitFor()
    const yesterday = new Date(world.chat.days[2]).getUTCDate()
    await tabTo(page, String(yesterday))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Pick a day' }).waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    const day = new Date(world.chat.day).toISOString().slice(0, 10)
    await expect.poll(() => page.url()).toContain(`at=${day}`)
    await tabTo(page, 'Log of messages')
    const scroller = scrollerOf(page)
    const atPx = await scroller.evaluate((list) => list.scrollTop)
    await page.keyboard.press('PageDown')
    await expect.poll(() => scroller.evaluate((list) => list.scrollTop)).toBeGreaterThan(atPx)
  })
})

function headingIs(name: RegExp): (page: Page) => Promise<void> {
  return (page) => page.getByRole('heading', { name }).first().waitFor()
}

/** What is grave, and where. */
async function graveFindings(page: Page): Promise<string[]> {
  // Nothing is framed here; what is well need not be told.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  const { violations } = await axe.analyze()
  return violations
    .filter(({ impact }) => GRAVE.has(impact ?? ''))
    .map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

/** Presses Tab until what has the focus is called like that. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      return element?.ariaLabel ?? element?.textContent ?? ''
    })
    if (focused.includes(name)) return
  }
  throw new Error(`Tab does not lead to ${name}`)
}

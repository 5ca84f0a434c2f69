import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { KnownLine } from './chat/lines.ts'
import { BAY, CHANNELS, MIRA } from './chat/people.ts'
import { contrastOf, isInView, see } from './looks.ts'
import { TWITCH_IMAGES } from './trouble.ts'
import {
  answeredLines,
  readUpwards,
  entryOf,
  feedOf,
  logAt,
  scrollerOf,
  seeEndOf,
  watchPlace,
} from './log-reading.ts'
import { it } from './page-test.ts'

const DAY_MS = 86_400_000
/** A page of older lines, asked for behind the first. */
const OLDER = /\/logs\?.*order=desc.*cursor=/
/** Of text, by WCAG 2.2, level AA. */
const READABLE_CONTRAST = 4.5

describe('finding a log', () => {
  it('completes the channel that somebody types, and opens its newest messages', async ({
    visit,
    world,
  }) => {
    const { page } = await visit('/')
    const channel = page.getByRole('combobox', { name: 'Channel' })
    await channel.pressSequentially('lan')
    await page.locator(`datalist option[value="${BAY.login}"]`).waitFor({ state: 'attached' })
    await expect.poll(() => page.locator('datalist option').allTextContents()).toEqual([BAY.login])
    await channel.fill(BAY.login)
    await channel.press('Enter')
    const newest = world.chat.lines.findLast((line) => line.channel === BAY)
    await entryOf(page, newest ?? { id: '' }).waitFor()
    expect(await page.title()).toBe('#lanternbay · poglog')
    expect(page.url()).toBe(`${world.api}/?channel=${BAY.login}`)
  })

  it('shows one user in all channels, and in one', async ({ visit, world }) => {
    const { page } = await visit('/')
    await page.getByRole('textbox', { name: 'User' }).fill('@Mira_K')
    await page.getByRole('button', { name: 'Open' }).click()
    const last = world.chat.lines.findLast(({ user }) => user === MIRA)
    await entryOf(page, last ?? { id: '' }).waitFor()
    const all = await answeredLines(world.api, `/user/${MIRA.login}/logs`)
    await seeEndOf(page, all)
    for (const { login } of CHANNELS) {
      await feedOf(page)
        .getByRole('link', { name: `#${login}` })
        .first()
        .waitFor()
    }

    await page.getByRole('combobox', { name: 'Channel' }).fill('tidepool')
    await page.getByRole('button', { name: 'Open' }).click()
    const pool = await answeredLines(world.api, `/channel/tidepool/logs?user=${MIRA.login}`)
    await seeEndOf(page, pool)
  })
})

describe('scrolling a log', () => {
  it('keeps the line under the eye where it is, to the pixel, when older ones come', async ({
    visit,
    world,
  }) => {
    const { question } = world.chat.show
    const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>()
    const { page } = await visit('/')
    await page.route(OLDER, async (route) => {
      await isLetGo
      await route.continue()
    })
    await page.goto(logAt(BAY.login, question.sentAtMs))
    const entry = entryOf(page, question)
    await entry.waitFor()
    const moved = await watchPlace(entry)
    const answered = page.waitForResponse(OLDER)
    letGo()
    await (await answered).finished()
    await expect.poll(() => feedOf(page).getAttribute('aria-busy')).toBe('false')
    expect(await moved()).toBeLessThan(1)
  })

  it('leads from the newest line to the first, each once and in order', async ({
    visit,
    world,
  }) => {
    const { page } = await visit(`/?channel=${BAY.login}`)
    const all = await answeredLines(world.api, `/channel/${BAY.login}/logs`)
    await feedOf(page).getByRole('article').first().waitFor()
    expect(await readUpwards(page, all[0])).toEqual(all)
    await page.getByText('Here the log begins').waitFor()
  })
})

describe('a line of a log', () => {
  it('shows who said what, when, as whom, and to whom', async ({ visit, world }) => {
    const { show } = world.chat
    const { page } = await visit(logAt(BAY.login, show.question.sentAtMs))
    const { question, answer, action, plain } = show
    await entryOf(page, question).getByRole('img', { name: 'Moderator' }).waitFor()
    await entryOf(page, question).getByText('18:40:00').waitFor()
    await see(entryOf(page, question), 'Mira_K: who lit the old lantern?')
    await entryOf(page, answer).getByRole('img', { name: 'VIP' }).waitFor()
    await see(entryOf(page, answer), 'In reply to @Mira_K who lit the old lantern? Kappa')
    await see(entryOf(page, answer), 'Otto_77: the keeper did, at dusk')
    await see(entryOf(page, action), 'キリ空 (kiri_sora) waves at the boats')
    await see(entryOf(page, plain), 'Benji: no colour was ever chosen here')
  })

  it('shows any text as it was written: other scripts, long words, links, and what looks like markup', async ({
    visit,
    world,
  }) => {
    const { rightToLeft, emoji, longWord, link, markup, question } = world.chat.show
    const { page } = await visit(logAt(BAY.login, question.sentAtMs))
    for (const line of [rightToLeft, emoji, longWord, link, markup]) {
      await see(entryOf(page, line), line.text)
    }
    const address = 'https://tides.example/bay?day=1&unit=m'
    const opened = entryOf(page, link).getByRole('link', { name: address })
    expect(await opened.getAttribute('href')).toBe(address)
    expect(await opened.getAttribute('rel')).toContain('noopener')
    const isWider = await scrollerOf(page).evaluate((log) => log.scrollWidth > log.clientWidth)
    expect(isWider).toBe(false)
  })

  it('shows emotes, and their names where the pictures do not come', async ({ visit, world }) => {
    const { emotes, question } = world.chat.show
    const { page, trouble } = await visit(logAt(BAY.login, question.sentAtMs))
    const pictures = entryOf(page, emotes).getByRole('img', { name: /^(Kappa|LUL)$/ })
    await expect
      .poll(() => pictures.evaluateAll((all) => all.map((img) => img.getAttribute('alt'))))
      .toEqual(['Kappa', 'Kappa', 'LUL'])
    await see(entryOf(page, emotes), 'Otto_77: 🎉 and')

    trouble.foresee(/static-cdn\.jtvnw\.net|ERR_FAILED/)
    await page.context().route(`https://${TWITCH_IMAGES}/**`, (route) => route.abort())
    await page.reload()
    await see(entryOf(page, emotes), 'Otto_77: Kappa 🎉 Kappa and LUL')
  })

  it('shows subs, gifts, raids and announcements with what was written', async ({
    visit,
    world,
  }) => {
    const { sub, resub, gift, raid, announcement } = world.chat.show
    const { page } = await visit(logAt(BAY.login, announcement.sentAtMs))
    await see(entryOf(page, sub), 'Benji subscribed at Tier 1.')
    await see(entryOf(page, resub), "They've subscribed for 3 months!")
    await see(entryOf(page, resub), 'three months by the sea')
    await see(entryOf(page, gift), 'Mira_K gifted a Tier 1 sub to Otto_77!')
    await see(entryOf(page, raid), '42 raiders from noor_x have joined!')
    await see(entryOf(page, announcement), 'the boats leave at nine')
  })

  it('shows what moderators removed, and that they did', async ({ visit, world }) => {
    const { rude, spoiler, spam, copy, ban } = world.chat.show
    const { page } = await visit(logAt(BAY.login, ban.sentAtMs))
    await see(entryOf(page, rude), 'this lantern is the worst one')
    await see(entryOf(page, rude), 'timed out')
    await see(feedOf(page), 'grumpyheron was timed out for 10 minutes')
    await see(entryOf(page, spoiler), 'deleted')
    await see(feedOf(page), 'A message of benji was deleted: the ending is a boat')
    await see(entryOf(page, spam), 'banned')
    await see(feedOf(page), 'freefollows99 has been banned')
    await see(entryOf(page, copy), 'shared chat')
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has a name that can be read in its colour on ${colorScheme} ground`, async ({
      visit,
      world,
    }) => {
      const { question, answer, action, white, plain } = world.chat.show
      const { page } = await visit(logAt(BAY.login, question.sentAtMs), { colorScheme })
      for (const line of [question, answer, action, white, plain]) {
        const name = entryOf(page, line).locator(`a[href*="username=${line.user.login}"]`).first()
        await name.waitFor()
        expect(await contrastOf(name)).toBeGreaterThan(READABLE_CONTRAST)
      }
    })
  }
})

describe('a link of a log', () => {
  it('leads from a name to what its user wrote around that moment', async ({ visit, world }) => {
    const { question, answer } = world.chat.show
    const { page } = await visit(logAt(BAY.login, question.sentAtMs))
    await entryOf(page, answer).getByRole('link', { name: 'Otto_77' }).click()
    await expect.poll(() => page.title()).toContain('otto_77 in #lanternbay')
    await entryOf(page, answer).waitFor()
    await expect
      .poll(() => feedOf(page).getByRole('link', { name: 'Mira_K', exact: true }).count())
      .toBe(0)
    const names = await feedOf(page).locator('a[href*="username="][title]').allTextContents()
    expect(new Set(names)).toEqual(new Set(['Otto_77']))
  })

  it('opens with its message marked, in the middle of what was said around it', async ({
    visit,
    world,
  }) => {
    const { longWord, link, markup, question } = world.chat.show
    const { page } = await visit(logAt(BAY.login, question.sentAtMs))
    const href = await entryOf(page, link).locator('a:has(time)').getAttribute('href')
    const opened = await visit(href ?? '')
    const marked = feedOf(opened.page).locator('[aria-current="true"]')
    await see(marked, 'the tide table')
    // What lies around it has come, and has moved nothing.
    await expect.poll(() => feedOf(opened.page).getAttribute('aria-busy')).toBe('false')
    expect(await marked.count()).toBe(1)
    for (const line of [longWord, markup]) {
      expect(await isInView(entryOf(opened.page, line))).toBe(true)
    }
    expect(await isInView(marked)).toBe(true)
  })
})

describe('taking lines away', () => {
  it('copies what is marked, and what is loaded, as lines of text', async ({ visit, world }) => {
    const { question, answer } = world.chat.show
    const { page } = await visit(logAt(BAY.login, question.sentAtMs), {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const text = await textOf(world.api, [question, answer])
    await entryOf(page, answer).waitFor()
    await entryOf(page, question).evaluate((first) => {
      const second = first.nextElementSibling ?? first
      getSelection()?.setBaseAndExtent(first, 0, second, second.childNodes.length)
    })
    await page.keyboard.press('ControlOrMeta+c')
    await expect.poll(() => clipboard(page)).toBe(text)

    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('button', { name: /^Copy [\d,]+ loaded lines as text$/ }).click()
    await page.getByText(/^Copied [\d,]+ lines$/).waitFor()
    expect(await clipboard(page)).toContain(text)
  })

  it('downloads the day as text, ndjson and raw, as the API gives it', async ({ visit, world }) => {
    const { day, show } = world.chat
    const { page } = await visit(logAt(BAY.login, show.question.sentAtMs))
    await entryOf(page, show.question).waitFor()
    await page.getByRole('button', { name: 'Export' }).click()
    for (const format of ['text', 'ndjson', 'raw']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page
          .getByRole('paragraph')
          .filter({ hasText: 'This day' })
          .getByRole('link', { name: format })
          .click(),
      ])
      const name = `lanternbay-${new Date(day).toISOString().slice(0, 10)}`
      expect(download.suggestedFilename()).toBe(`${name}.${format === 'ndjson' ? 'ndjson' : 'txt'}`)
      const path = `/channel/lanternbay/logs?from=${day}&to=${day + DAY_MS}&order=asc`
      const answer = await fetch(`${world.api}${path}&format=${format}`)
      expect(await readFile(await download.path())).toEqual(Buffer.from(await answer.bytes()))
    }
  })
})

/** What the API says of lines that follow each other, as text. */
async function textOf(api: string, lines: readonly KnownLine[]): Promise<string> {
  const times = lines.map(({ sentAtMs }) => sentAtMs)
  const range = `from=${Math.min(...times)}&to=${Math.max(...times) + 1}`
  const answer = await fetch(`${api}/channel/${BAY.login}/logs?${range}&order=asc&format=text`)
  return (await answer.text()).replaceAll('\r\n', '\n')
}

function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText())
}

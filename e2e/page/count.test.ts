import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { z } from 'zod'
import { answerOf } from './answers.ts'
import { RARE_WORD } from './chat/page-chat.ts'
import { BAY, MIRA, NOOR, OTTO } from './chat/people.ts'
import { feedOf, seeAll } from './log-reading.ts'
import { it } from './page-test.ts'

const totalSchema = z.object({ total: z.int() })
const topSchema = z.object({ words: z.array(z.object({ word: z.string(), count: z.int() })) })
const WORDS = `/?channel=${BAY.login}&view=words`

describe('counting words', () => {
  it('counts what somebody asks for: in all as the API does, and who said it most', async ({
    visit,
    world,
  }) => {
    const { page } = await visit(WORDS)
    await page.getByRole('textbox', { name: 'Words' }).fill(`${RARE_WORD} Pog`)
    await page.getByRole('button', { name: 'Count', exact: true }).click()
    const often = page.getByRole('table', { name: 'How often each word was said' })
    for (const word of [RARE_WORD, 'Pog']) {
      const from = world.chat.days[0]
      const path = `/channel/${BAY.login}/words?word=${word}&match=exact&by=day&from=${from}`
      const { total } = await answerOf(world.api, path, totalSchema)
      const row = often.getByRole('row').filter({ has: page.getByText(word, { exact: true }) })
      await row.getByRole('cell', { name: total.toLocaleString('en'), exact: true }).waitFor()
    }
    const leaders = page.getByRole('table', { name: RARE_WORD, exact: true })
    await expect
      .poll(() => cellsOf(page, RARE_WORD))
      .toEqual([
        [MIRA.login, '4'],
        [OTTO.login, '2'],
        [NOOR.login, '1'],
      ])
    await leaders.getByRole('link', { name: OTTO.login }).click()
    await seeAll(
      page,
      ofBay(world.chat.quokkas).filter(({ user }) => user === OTTO),
    )
  })

  it('draws them over time, and a point leads to its messages', async ({ visit, world }) => {
    const { page } = await visit(`${WORDS}&word=${RARE_WORD}&by=day`)
    const chart = page.getByRole('img', { name: `${RARE_WORD} by day` })
    await chart.waitFor()
    expect((await chart.boundingBox())?.height ?? 0).toBeGreaterThan(100)
    await page.getByText('Show as table').click()
    const day = new Date(world.chat.day).toISOString().slice(0, 10)
    await page.locator(`a[href*="at=${day}"][href*="q=${RARE_WORD}"]`).last().click()
    await seeAll(page, ofBay(world.chat.quokkas))
    await feedOf(page).locator('mark').first().waitFor()
  })
})

describe('what was said', () => {
  it('shows how much, in which hours of the week, by whom, and the top words of a day', async ({
    visit,
    world,
  }) => {
    const { page } = await visit(WORDS)
    const path = `/channel/${BAY.login}/activity?from=${world.chat.days[0]}`
    const { total } = await answerOf(world.api, path, totalSchema)
    await page.getByRole('heading', { name: `${total.toLocaleString('en')} messages` }).waitFor()
    const week = page.getByRole('table', { name: /^Messages an hour on average/ })
    const weekday = new Date(world.chat.day).toLocaleString('en-GB', {
      weekday: 'long',
      timeZone: 'UTC',
    })
    await week.getByRole('row', { name: weekday }).waitFor()
    expect(await week.getByRole('row').count()).toBe(8)
    const range = `from=${world.chat.days[2]}&to=${world.chat.days[2] + 86_400_000}`
    const top = await answerOf(
      world.api,
      `/channel/${BAY.login}/words/top?${range}&limit=1`,
      topSchema,
    )
    const word = top.words[0]?.word ?? ''
    await page
      .getByRole('region', { name: /words of a day/i })
      .getByRole('link', { name: word, exact: true })
      .click()
    await page.getByRole('heading', { name: `${word} in #${BAY.login}` }).waitFor()
  })
})

/** The first two cells of each row of a table. */
async function cellsOf(page: Page, name: string): Promise<(string | undefined)[][]> {
  const rows = await page.getByRole('table', { name, exact: true }).locator('tbody tr').all()
  const cells = rows.map((row) => row.getByRole('cell').allTextContents())
  return (await Promise.all(cells)).map((texts) => texts.slice(0, 2).map((text) => text.trim()))
}

function ofBay<Line extends { readonly channel: unknown }>(lines: readonly Line[]): Line[] {
  return lines.filter(({ channel }) => channel === BAY)
}

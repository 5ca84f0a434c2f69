import { describe, expect } from 'vitest'
import type { Locator } from 'playwright-core'
import { z } from 'zod'
import { answerOf } from './answers.ts'
import { RARE_WORD } from './chat/page-chat.ts'
import { BAY, GRUMP, MIRA } from './chat/people.ts'
import { answeredLines, drawnLines, entryOf, feedOf, logAt, seeAll } from './log-reading.ts'
import { isInView } from './looks.ts'
import { it } from './page-test.ts'

const DAY_MS = 86_400_000

describe('finding a time', () => {
  it('picks a day in the calendar, which tells how much was said on each', async ({
    visit,
    world,
  }) => {
    const { day, lines, days } = world.chat
    const { page } = await visit(`/?channel=${BAY.login}`)
    const picker = page.getByRole('group', { name: 'Day, UTC' })
    await picker.getByRole('button', { name: dayText(days[2], 'short') }).click()
    const calendar = page.getByRole('dialog', { name: 'Pick a day' })
    // Three days may lie in two months.
    const isOther = new Date(day).getUTCMonth() !== new Date(days[2]).getUTCMonth()
    if (isOther) await calendar.getByRole('button', { name: 'Previous month' }).click()
    const path = `/channel/${BAY.login}/activity?from=${day}&to=${day + DAY_MS}`
    const { total } = await answerOf(world.api, path, z.object({ total: z.int() }))
    const name = `${dayText(day, 'long')}, ${total.toLocaleString('en')} messages`
    await calendar.getByRole('button', { name, exact: true }).click()
    const first = lines.find(({ channel, sentAtMs }) => channel === BAY && sentAtMs >= day)
    await seeAtTop(entryOf(page, first ?? { id: '' }))
    await picker.getByRole('button', { name: dayText(day, 'short') }).waitFor()
  })

  it('jumps to an hour, and to a minute', async ({ visit, world }) => {
    const { day, quokkas, show } = world.chat
    const { page } = await visit(logAt(BAY.login, day))
    await page.getByRole('button', { name: /^12:00, \d+ messages/ }).click()
    await seeAtTop(entryOf(page, quokkas[0] ?? { id: '' }))

    const time = page.getByRole('textbox', { name: 'Time of day, UTC' })
    await time.fill('18:40')
    await time.press('Enter')
    await seeAtTop(entryOf(page, show.question))
  })
})

describe('searching', () => {
  it('finds a word, marks it, and says which messages hold it and no others', async ({
    visit,
    world,
  }) => {
    const { page } = await visit(`/?channel=${BAY.login}`)
    const search = page.getByRole('searchbox', { name: 'Search in these messages' })
    await search.fill(RARE_WORD.toUpperCase())
    await search.press('Enter')
    const found = world.chat.quokkas.filter(({ channel }) => channel === BAY)
    await seeAll(page, found)
    await expect
      .poll(() => feedOf(page).locator('mark').allTextContents())
      .toEqual(found.map(() => RARE_WORD))
    await page.getByText('Here the log begins').waitFor()
  })

  it('finds a word that one user said, in one channel and in all', async ({ visit, world }) => {
    const { page } = await visit(`/?channel=${BAY.login}&username=${MIRA.login}&q=${RARE_WORD}`)
    const hers = world.chat.quokkas.filter(({ user }) => user === MIRA)
    await seeAll(
      page,
      hers.filter(({ channel }) => channel === BAY),
    )
    await page.goto(`/?username=${MIRA.login}&q=${RARE_WORD}`)
    await seeAll(page, hers)
  })

  it('finds lines of a kind', async ({ visit, world }) => {
    const { show } = world.chat
    const { page } = await visit(`/?channel=${BAY.login}`)
    const kind = page.getByRole('combobox', { name: 'Kind of lines' })
    await kind.selectOption('Subs, raids, announcements')
    await seeAll(page, [show.sub, show.resub, show.gift, show.announcement, show.raid])
    await kind.selectOption('Bans and deletions')
    const path = `/channel/${BAY.login}/logs?type=CLEARCHAT,CLEARMSG`
    const bans = await answeredLines(world.api, path)
    expect(bans.length).toBe(3)
    await expect.poll(() => drawnLines(page)).toEqual(bans)
    await feedOf(page).getByText(`${GRUMP.login} was timed out for 10 minutes`).waitFor()
  })
})

/** `Sat 21 Nov 2026`, or `21 November 2026`. */
function dayText(dayMs: number, length: 'short' | 'long'): string {
  const date = new Date(dayMs)
  const month = date.toLocaleString('en-GB', { month: length, timeZone: 'UTC' })
  const text = `${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`
  const weekday = date.toLocaleString('en-GB', { weekday: 'short', timeZone: 'UTC' })
  return length === 'short' ? `${weekday} ${text}` : text
}

/** Waits until an entry is the first one that is seen as a whole, below what is on top of the log. */
async function seeAtTop(entry: Locator): Promise<void> {
  await expect
    .poll(async () => {
      if ((await entry.count()) !== 1 || !(await isInView(entry))) return Infinity
      return await entry.evaluate(
        (line) =>
          line.getBoundingClientRect().top -
          (line.closest('[role=region]')?.getBoundingClientRect().top ?? 0),
      )
    })
    .toBeLessThan(60)
}

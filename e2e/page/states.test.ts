import { describe, expect } from 'vitest'
import { BAY, HOLLOW } from './chat/people.ts'
import { entryOf, feedOf, logAt } from './log-reading.ts'
import { it } from './page-test.ts'

const LOGS = /\/channel\/lanternbay\/logs\?/

describe('a log that is not there', () => {
  it('says that nothing was found, and shows all messages again', async ({ visit }) => {
    const { page } = await visit(`/?channel=${BAY.login}&q=zeppelin`)
    await page.getByRole('heading', { name: 'Nothing holds “zeppelin”' }).waitFor()
    await page.getByRole('link', { name: 'Show all messages' }).click()
    await feedOf(page).getByRole('article').first().waitFor()
  })

  it('says that nobody was seen by a name', async ({ visit }) => {
    const { page, trouble } = await visit('/')
    trouble.foresee(/status of 404/)
    await page.goto('/?channel=nobody_at_all')
    await page.getByRole('alert').getByText('Nobody was seen by that name').waitFor()
  })

  it('says that a channel has opted out', async ({ visit, world, adminKey }) => {
    const answer = await fetch(`${world.api}/admin/channels/${HOLLOW.id}/opt-out`, {
      method: 'PUT',
      headers: { 'x-api-key': adminKey },
    })
    expect(answer.ok).toBe(true)
    const { page, trouble } = await visit('/')
    trouble.foresee(/status of 403/)
    await page.goto(`/?channel=${HOLLOW.login}`)
    await page.getByRole('alert').getByText('Opted out').waitFor()
    await page.getByRole('link', { name: 'How opting out works' }).click()
    await page.getByRole('heading', { name: 'Opting out' }).waitFor()
  })
})

describe('an answer that is slow, or does not come', () => {
  it('is waited for with a picture of the log to come', async ({ visit, world }) => {
    const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>()
    const { page } = await visit('/')
    await page.route(LOGS, async (route) => {
      await isLetGo
      await route.continue()
    })
    const { question } = world.chat.show
    await page.goto(logAt(BAY.login, question.sentAtMs))
    await page.getByRole('status', { name: 'Loading messages' }).waitFor()
    letGo()
    await entryOf(page, question).waitFor()
    expect(await page.getByRole('status', { name: 'Loading messages' }).count()).toBe(0)
  })

  it('is asked for again by whoever wants it, when the server failed', async ({ visit, world }) => {
    const { page, trouble } = await visit('/')
    trouble.foresee(/status of 500/)
    await page.route(LOGS, (route) =>
      route.fulfill({ status: 500, json: { status: 500, detail: 'the store does not answer' } }),
    )
    await page.goto(`/?channel=${BAY.login}`)
    await page.getByRole('alert').getByText('The server could not answer').waitFor()
    await page.unroute(LOGS)
    await page.getByRole('button', { name: 'Try again' }).click()
    const newest = world.chat.lines.findLast(({ channel }) => channel === BAY)
    await entryOf(page, newest ?? { id: '' }).waitFor()
  })

  it('is asked for again by itself, when the server is busy', async ({ visit, world }) => {
    const { page, trouble } = await visit('/')
    trouble.foresee(/status of 503/)
    await page.route(LOGS, (route) => route.fulfill({ status: 503 }), { times: 1 })
    await page.goto(`/?channel=${BAY.login}`)
    const newest = world.chat.lines.findLast(({ channel }) => channel === BAY)
    await entryOf(page, newest ?? { id: '' }).waitFor()
  })

  it('leaves what is there, and says so, while somebody is offline', async ({ visit, world }) => {
    const { question } = world.chat.show
    const { page, trouble } = await visit(logAt(BAY.login, question.sentAtMs))
    await entryOf(page, question).waitFor()
    trouble.foresee(/ERR_INTERNET_DISCONNECTED/)
    await page.context().setOffline(true)
    await page.getByText('You are offline.').waitFor()
    expect(await entryOf(page, question).isVisible()).toBe(true)
    await page.context().setOffline(false)
    await page.getByText('You are offline.').waitFor({ state: 'detached' })
  })
})

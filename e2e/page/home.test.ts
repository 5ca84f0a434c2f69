import { describe, expect } from 'vitest'
import { CHANNELS } from './chat/people.ts'
import { it } from './page-test.ts'

describe('the start of the page', () => {
  it('lists the channels, each a link to its log', async ({ visit }) => {
    const { page } = await visit('/')
    await page.getByRole('heading', { name: 'Twitch chat logs' }).waitFor()
    for (const { login } of CHANNELS) {
      const link = page.getByRole('main').getByRole('link', { name: login, exact: true })
      expect(await link.getAttribute('href')).toBe(`/?channel=${login}`)
    }
  })
})

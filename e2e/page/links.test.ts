import { describe, expect } from 'vitest'
import { BAY, MIRA } from './chat/people.ts'
import { answeredLines, seeEndOf } from './log-reading.ts'
import { it } from './page-test.ts'

describe('a link that was made for another log page', () => {
  for (const { name, query } of [
    { name: 'logins', query: `channel=${BAY.login}&username=${MIRA.login}` },
    { name: 'ids', query: `channel=id:${BAY.id}&username=id:${MIRA.id}` },
    { name: 'encoded ids', query: `channel=id%3A${BAY.id}&username=id%3A${MIRA.id}` },
  ]) {
    it(`opens the log that it names by ${name}`, async ({ visit, world }) => {
      const { page } = await visit(`/?${query}`)
      const path = `/channel/${BAY.id}/logs?user=${MIRA.id}`
      await seeEndOf(page, await answeredLines(world.api, path))
    })
  }

  it('opens how to opt out, and the reference of the API', async ({ visit }) => {
    const { page } = await visit('/?optout')
    await page.getByRole('heading', { name: 'Opting out' }).waitFor()
    await page.goto('/?swagger')
    expect(new URL(page.url()).pathname).toBe('/docs')
  })
})

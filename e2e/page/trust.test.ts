import { describe, expect } from 'vitest'
import { BAY, CHANNELS } from './chat/people.ts'
import { see } from './looks.ts'
import { it } from './page-test.ts'

describe('the coverage of a channel', () => {
  it('says from when on everything is here, and why not before', async ({ visit }) => {
    const { page } = await visit(`/?channel=${BAY.login}&view=coverage`)
    await page.getByText(/^Complete: everything Twitch sent from .* is here\.$/).waitFor()
    await page.getByRole('figure', { name: /^Received time, drawn/ }).waitFor()
    const gaps = page.getByRole('table', { name: /^Gaps/ })
    await see(gaps, 'no record says what was received')
    await gaps.getByRole('link', { name: /open the log there$/ }).click()
    await expect.poll(() => page.url()).toMatch(/\?channel=lanternbay&at=/)
  })
})

describe('the page for admins', () => {
  it('takes the right key alone, and forgets it when told to', async ({ visit, adminKey }) => {
    const { page, trouble } = await visit('/?view=admin')
    trouble.foresee(/status of 40[13]/)
    await page.getByLabel('Admin key').fill('not-the-key')
    await page.getByRole('button', { name: 'Open', exact: true }).last().click()
    await page.getByText(/^The server did not take this key/).waitFor()
    await page.getByLabel('Admin key').fill(adminKey)
    await page.getByRole('button', { name: 'Open', exact: true }).last().click()
    const channels = page.getByRole('table', { name: /^Channels/ })
    for (const { login } of CHANNELS) await see(channels, login)
    await see(page.getByRole('table', { name: /^Replicas/ }), 'ingest-1')
    await page.getByRole('button', { name: 'Forget key' }).click()
    await page.getByLabel('Admin key').waitFor()
  })

  it('adds channels, and removes one when asked twice', async ({ visit, adminKey }) => {
    const { page } = await visit('/?view=admin')
    await page.getByLabel('Admin key').fill(adminKey)
    await page.getByRole('button', { name: 'Open', exact: true }).last().click()
    const channels = page.getByRole('table', { name: /^Channels/ })
    await page.getByRole('textbox', { name: 'Channels to log' }).fill('driftwood, #saltmarsh 99123')
    await page.getByRole('button', { name: 'Log channels' }).click()
    await page.getByText('No login is known of 99123').waitFor()
    await see(channels, 'driftwood')
    await see(channels, 'saltmarsh')
    await page.getByRole('button', { name: 'Stop logging driftwood' }).click()
    const dialog = page.getByRole('dialog', { name: 'Stop logging #driftwood?' })
    await dialog.getByText('Its logs stay.').waitFor()
    await dialog.getByRole('button', { name: 'Stop logging' }).click()
    await expect.poll(() => channels.textContent()).not.toContain('driftwood')
    await see(channels, 'saltmarsh')
  })
})

describe('opting out', () => {
  it('gives a code, and says what to type', async ({ visit }) => {
    const { page } = await visit('/?optout')
    await page.getByRole('button', { name: 'Get a code' }).click()
    const command = page.getByRole('textbox', { name: 'What to type' })
    await expect.poll(() => command.inputValue()).toMatch(/^!poglog optout [\w-]+$/)
    await page.getByRole('progressbar', { name: 'Seconds left' }).waitFor()
    await page.getByRole('button', { name: 'Get another code' }).waitFor()
  })
})

import process from 'node:process'
import { startChatSim } from '@poglog/chat-sim'
import { describe, expect } from 'vitest'
import { join } from 'node:path'
import { eventually, startPoglog, temporaryFolder } from '../poglog.ts'
import { answeredLines, drawnLines, readUpwards, scrollerOf, seeEndOf } from './log-reading.ts'
import { browserTest } from './page-test.ts'

const MESSAGES_PER_SECOND = 8
const FIRST_LINES = 60

/** A Twitch channel in which somebody is always talking, and a poglog on it. */
const it = browserTest
  .extend('messagesPerSecond', { scope: 'file' }, MESSAGES_PER_SECOND)
  .extend('world', { scope: 'file' }, async ({ messagesPerSecond }, { onCleanup }) => {
    const opened = new AsyncDisposableStack()
    onCleanup(() => opened.disposeAsync())
    const folder = opened.use(await temporaryFolder())
    const source = { kind: 'generate', seed: 4, channels: 1, messagesPerSecond } as const
    const sim = opened.adopt(await startChatSim({ source }), (started) => started.stop())
    const [channel = ''] = sim.channels
    const poglog = await startPoglog({
      data: join(folder.path, 'data'),
      args: ['--channels', channel],
      env: { TWITCH_URL: sim.url },
      onEnd: (end) => opened.defer(end),
    })
    return { sim, channel, poglog, path: `/channel/${channel}/logs` }
  })

describe('a live log', () => {
  it('follows, waits for who scrolls up, and misses nothing when the server dies', async ({
    world,
    open,
  }) => {
    const { api } = world.poglog
    await eventually(async () => world.sim.progress().sent > FIRST_LINES, 60_000)
    const { page, trouble } = await open(api, `/?channel=${world.channel}`)
    await page.getByRole('button', { name: 'Live' }).click()
    await page.getByText('Listening for new messages').waitFor()
    const first = (await drawnLines(page)).at(-1)
    await expect.poll(async () => (await drawnLines(page)).at(-1)).not.toBe(first)

    await scrollerOf(page).hover()
    await page.mouse.wheel(0, -400)
    const button = page.getByRole('button', { name: /^\d+ new messages?$/ })
    await button.waitFor()
    const held = await scrollerOf(page).evaluate((list) => list.scrollTop)
    const count = async (): Promise<number> => Number.parseInt((await button.textContent()) ?? '')
    const counted = await count()
    await expect.poll(count).toBeGreaterThan(counted)
    expect(await scrollerOf(page).evaluate((list) => list.scrollTop)).toBe(held)
    await button.click()
    await button.waitFor({ state: 'detached' })

    trouble.foresee(/ERR_(?:CONNECTION|INCOMPLETE|EMPTY|SOCKET)/)
    process.kill(await world.poglog.pidOf('query-api'), 'SIGKILL')
    await page.getByRole('button', { name: 'Connecting' }).waitFor()
    await page.getByRole('button', { name: 'Live' }).waitFor()
    world.sim.quiet()
    await eventually(async () => (await fetch(`${api}/readyz`)).ok, 60_000)
    const all = await answeredLines(api, world.path)
    await seeEndOf(page, all)
    expect(await readUpwards(page, all[0])).toEqual(all)
  })
})

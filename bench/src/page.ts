import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrowser } from '@poglog/e2e/browser'
import { atMost } from './bench.ts'
import type { Bench } from './bench.ts'
import { coldLoad } from './page/cold-load.ts'
import { openDay } from './page/day.ts'
import { scriptBytes } from './page/script-size.ts'
import { scrollDay } from './page/scroll-day.ts'

const MESSAGES = 200_000
const SCRIPT_KB_MAX = 150

export const bench: Bench = {
  description: `the page in Chromium: a cold load, and ${MESSAGES} messages of one day scrolled from end to end`,
  run: async ({ seed }) => {
    await using opened = new AsyncDisposableStack()
    const dir = await mkdtemp(join(tmpdir(), 'poglog-page-'))
    opened.defer(() => rm(dir, { recursive: true, force: true }))
    const day = opened.use(await openDay({ dir, seed, messages: MESSAGES }))
    const browser = opened.adopt(await startBrowser(), (started) => started.close())
    const { all, first } = await scriptBytes()
    return [
      atMost(SCRIPT_KB_MAX, { name: 'script, compressed: all', value: all / 1000, unit: 'kB' }),
      { name: 'script, compressed: of the first load', value: first / 1000, unit: 'kB' },
      ...(await coldLoad(browser, day)),
      ...(await scrollDay(browser, day)),
    ]
  },
}

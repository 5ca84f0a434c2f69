import { existsSync } from 'node:fs'
import process from 'node:process'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

/** Where Debian's package `chromium-headless-shell` puts it, unless the environment names another one. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium-headless-shell'

/**
 * Starts a Chromium of this machine.
 *
 * @throws Error that says how to install it, when it is not there.
 */
export async function startBrowser(executablePath = CHROMIUM): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(
      `${executablePath} is not there: apt-get install chromium-headless-shell on Debian; ` +
        'elsewhere set CHROMIUM to the path of a Chromium or Chrome',
    )
  }
  return await chromium.launch({ executablePath })
}

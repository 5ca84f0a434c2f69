import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { isLogin, quoted, RATES_KEY } from './keys.ts'
import { REGISTRY_CHANNELS_MAX } from './registry.ts'
import { toArray, toText } from './reply.ts'
import { loadScript } from './script.ts'

const NOTE_RATES = loadScript('note-rates')

/** Channels of one call: Redis is not blocked for long. */
const BATCH_LOGINS = 1000

/** Notes messages a minute, by login. @throws {HotStoreError} `invalid` before anything was sent. */
export async function noteRates(
  rates: ReadonlyMap<string, number>,
  connection: Connection,
): Promise<void> {
  const entries = [...rates]
  for (const [login, rate] of entries) {
    if (!isLogin(login)) throw new HotStoreError('invalid', `not a login: ${quoted(login)}`)
    if (!(Number.isFinite(rate) && rate >= 0)) {
      throw new HotStoreError('invalid', `not messages a minute: ${rate}`)
    }
  }
  for (let from = 0; from < entries.length; from += BATCH_LOGINS) {
    const batch = entries.slice(from, from + BATCH_LOGINS)
    const args = [REGISTRY_CHANNELS_MAX, ...batch.flat()]
    await connection.run({ script: NOTE_RATES, keys: [RATES_KEY], args })
  }
}

/** Reads messages a minute; a login that cannot be one is absent, too. */
export async function readRates(
  logins: readonly string[],
  connection: Connection,
): Promise<Map<string, number>> {
  const asked = [...new Set(logins)].filter(isLogin)
  const rates = new Map<string, number>()
  for (let from = 0; from < asked.length; from += BATCH_LOGINS) {
    const batch = asked.slice(from, from + BATCH_LOGINS)
    const values = toArray(await connection.command('hmget', RATES_KEY, ...batch))
    for (const [index, login] of batch.entries()) {
      const value = values[index]
      if (value !== null && value !== undefined) rates.set(login, Number(toText(value)))
    }
  }
  return rates
}

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { processSettings, redisSettings, storeSettings } from './common-settings.ts'
import { SettingsError, parseEnv } from './settings.ts'
import { bytes, count, duration, flag, port, secret } from './setting-types.ts'

const schema = z.object({
  ...processSettings,
  ...redisSettings,
  ...storeSettings,
  PERIOD_MS: duration({ min: 100, max: 1000, fallback: 500 }),
  SPOOL_BYTES: bytes({ min: 1, fallback: 1024 }),
  REQUIRED: count({ min: 1, max: 9 }),
  PORT: port(8025),
  VERBOSE: flag().optional(),
  TOKEN: secret().optional(),
})
const valid = { OBJECT_STORE: 'file:///data', REQUIRED: '3' }

describe('parseEnv', () => {
  it('takes defaults for what is absent, empty or only spaces', () => {
    expect(parseEnv(schema, { ...valid, PERIOD_MS: '', PORT: '  ' })).toMatchObject({
      LOG_LEVEL: 'info',
      HOST: '127.0.0.1',
      PERIOD_MS: 500,
      PORT: 8025,
      SHARDS: 1,
    })
  })

  it('reads numbers and flags', () => {
    const settings = parseEnv(schema, { ...valid, PERIOD_MS: ' 100 ', VERBOSE: 'true', PORT: '0' })
    expect(settings).toMatchObject({ PERIOD_MS: 100, VERBOSE: true, PORT: 0, REQUIRED: 3 })
  })

  it('lists every wrong setting in one error', () => {
    const error = wrong({
      PERIOD_MS: '99',
      PORT: '70000',
      VERBOSE: 'yes',
      OBJECT_STORE: 'http://x',
    })
    expect(error.wrong.map(({ name }) => name).toSorted()).toEqual([
      'OBJECT_STORE',
      'PERIOD_MS',
      'PORT',
      'REQUIRED',
      'VERBOSE',
    ])
    expect(error.message).toContain('REQUIRED: is missing')
    expect(error.message).toContain(
      'PERIOD_MS: must be a whole number from 100 to 1000 milliseconds',
    )
  })

  it.each(['12abc', '1e3', '0x10', '-1', '1.5', '99999999999999999999'])(
    'refuses %s as a number',
    (text) => {
      expect(wrong({ ...valid, SPOOL_BYTES: text }).wrong).toHaveLength(1)
    },
  )

  it('never shows the value of a secret', () => {
    expect(wrong({ ...valid, TOKEN: 'hunter2 hunter2' }).message).not.toContain('hunter2')
  })
})

function wrong(env: Record<string, string>): SettingsError {
  try {
    parseEnv(schema, env)
  } catch (error) {
    if (error instanceof SettingsError) return error
  }
  throw new Error('expected a SettingsError')
}

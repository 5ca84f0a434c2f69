import { SettingsError } from '@poglog/service-kit'
import { describe, expect, it } from 'vitest'
import { readConfig, readJobConfig } from './config.ts'

const VALID = { OBJECT_STORE: 'file:///data' }

describe('the archiver settings', () => {
  it('have defaults for all but the object store', () => {
    expect(readConfig(VALID)).toMatchObject({
      redis: { url: 'redis://127.0.0.1:6379', shards: 1 },
      queueRedisUrl: 'redis://127.0.0.1:6379',
      limits: { periodMs: 3_600_000, recordsMax: 100_000 },
      reconcileIntervalMs: 15_000,
      trimGraceMs: 600_000,
    })
  })

  it('list all that is wrong at once', () => {
    const env = { SEAL_RECORDS_MAX: '0', SEAL_PERIOD_MS: '3600001', LOG_LEVEL: 'loud' }
    expect(() => readConfig(env)).toThrow(SettingsError)
    expect(() => readConfig(env)).toThrow(
      /OBJECT_STORE.*SEAL_PERIOD_MS.*SEAL_RECORDS_MAX.*LOG_LEVEL/s,
    )
  })

  it('give a command-line tool what it needs without those of the process', () => {
    expect(readJobConfig({ ...VALID, HEALTH_PORT: 'none of its business' }).store.url).toBe(
      'file:///data',
    )
  })
})

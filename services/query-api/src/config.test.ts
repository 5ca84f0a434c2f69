import { SettingsError } from '@poglog/service-kit'
import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

const ENV = { OBJECT_STORE: 'file:///tmp/objects' }
const KEY = 'a-key-that-nobody-guesses'

describe('the settings', () => {
  it('have no admin key and show everybody everything unless told otherwise', () => {
    const config = readConfig(ENV)
    expect(config.admin).toEqual({ keys: [], file: undefined })
    expect(config.acrossChannels).toBe('public')
    expect(config.queueRedisUrl).toBe('redis://127.0.0.1:6379')
  })

  it('take one key, several with names, and a file of them', () => {
    const keys = { ADMIN_API_KEY: KEY, ADMIN_API_KEYS: `ann:${KEY}1,bob:${KEY}2` }
    const config = readConfig({ ...ENV, ...keys, ADMIN_API_KEYS_FILE: '/run/keys' })
    expect(config.admin).toEqual({
      keys: [
        { name: 'default', key: KEY },
        { name: 'ann', key: `${KEY}1` },
        { name: 'bob', key: `${KEY}2` },
      ],
      file: '/run/keys',
    })
  })

  it('are told by name where they are wrong, without a secret', () => {
    const wrong = {
      ADMIN_API_KEY: 'too-short-key',
      ADMIN_API_KEYS: `ann:${KEY},a b:${KEY}`,
      USER_LOGS_ACROSS_CHANNELS: 'some',
    }
    const problem = problemOf(() => readConfig({ ...ENV, ...wrong }))
    expect(problem.split('\n').toSorted()).toEqual([
      'ADMIN_API_KEY: must have at least 16 characters',
      'ADMIN_API_KEYS: key 2 must be name:key, the name of A-Z a-z 0-9 . _ -',
      'USER_LOGS_ACROSS_CHANNELS: must be one of public, admin, off',
    ])
  })
})

function problemOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  throw new Error('nothing was wrong')
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SettingsError } from '@poglog/service-kit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openAccount } from './account.ts'
import type { Account } from './account.ts'

describe('openAccount', () => {
  let dir: string
  let path: string
  let told: string[]

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'poglog-token-'))
    path = join(dir, 'token')
    told = []
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const open = (tokenFile: string): Account =>
    openAccount(
      { username: 'bot', token: undefined, tokenFile },
      {
        tokenChanged: () => told.push('changed'),
        tokenUnreadable: (problem) => told.push(problem),
      },
    )

  it('takes a token of the settings as it is', () => {
    const setting = { username: 'bot', token: 'geheim', tokenFile: undefined }
    const events = { tokenChanged: () => undefined, tokenUnreadable: () => undefined }
    using account = openAccount(setting, events)
    expect(account.now()).toEqual({ username: 'bot', token: 'geheim' })
  })

  it('reads the file at every question, and tells of each change once', () => {
    writeFileSync(path, 'first\n')
    using account = open(path)
    expect(account.now().token).toBe('first')
    writeFileSync(path, ' second ')
    expect([account.now().token, account.now().token]).toEqual(['second', 'second'])
    expect(told).toEqual(['changed'])
  })

  it('goes on with the last token while the file tells none, and says so once', () => {
    writeFileSync(path, 'first')
    using account = open(path)
    rmSync(path)
    expect([account.now().token, account.now().token]).toEqual(['first', 'first'])
    writeFileSync(path, '')
    account.now()
    expect(told).toEqual(['cannot be read: ENOENT'])
    writeFileSync(path, 'second')
    expect(account.now().token).toBe('second')
    writeFileSync(path, 'two words')
    expect(account.now().token).toBe('second')
    expect(told).toEqual([
      'cannot be read: ENOENT',
      'changed',
      'must be printable ASCII without spaces',
    ])
  })

  it.each([
    ['missing', undefined, 'cannot be read: ENOENT'],
    ['empty', ' \n', 'is empty'],
    ['no token', 'so geheim', 'must be printable ASCII without spaces'],
    ['huge', 'x'.repeat(20_000), 'is over 16384 bytes'],
  ])('is a wrong setting when the file is %s at the start', (_, text, problem) => {
    if (text !== undefined) writeFileSync(path, text)
    let error: unknown
    try {
      open(path)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(SettingsError)
    expect(error).toMatchObject({ message: `TWITCH_TOKEN_FILE: ${problem}` })
  })
})

import type { OptOutChange } from '@poglog/hot-store'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChatCommand } from './chat-command.ts'
import { ChatCommands } from './chat-commands.ts'

const NOW_MS = 1_800_000_000_000

function setup({ codes = ['aB3dE'], admins = ['boss', '77'] } = {}) {
  const good = new Set(codes)
  const changes: OptOutChange[] = []
  const registry: string[] = []
  const told: unknown[] = []
  const store = {
    optOuts: {
      redeem: async (code: string, change: OptOutChange) => {
        if (!good.delete(code)) return false
        changes.push(change)
        return true
      },
      set: async (change: OptOutChange) => {
        changes.push(change)
        return true
      },
    },
    names: {
      idsOf: async (logins: readonly string[]) =>
        new Map(logins.filter((login) => login === 'carol').map((login) => [login, '33'])),
    },
    registry: {
      add: async (logins: readonly string[]) =>
        registry.push(...logins.map((login) => `+${login}`)),
      remove: async (logins: readonly string[]) =>
        registry.push(...logins.map((login) => `-${login}`)),
    },
  }
  let isAway = false
  const commands = new ChatCommands({
    store: () => (isAway ? undefined : store),
    admins: new Set(admins),
    changed: async () => void told.push('changed'),
    events: {
      chatCommandDone: ({ action, isAdmin }) =>
        told.push(`${action} ${isAdmin ? 'admin' : 'user'}`),
      chatCommandRefused: (reason) => told.push(reason),
      chatCommandFailed: (error) => told.push(String(error)),
    },
    nowMs: () => NOW_MS,
  })
  const say = async (
    text: string,
    who: Partial<{ userId: string; login: string; sentAtMs: number }> = {},
  ) => {
    commands.take({ text, userId: '22', login: 'bob', sentAtMs: NOW_MS, ...who })
    await commands.settled()
  }
  const boss = { userId: '1', login: 'boss' }
  return { changes, registry, told, say, commands, boss, away: () => (isAway = true) }
}

describe('ChatCommands', () => {
  it('opts out who types a code, once, and in again (P1)', async () => {
    const { changes, told, say } = setup({ codes: ['aB3dE', 'Zz999', 'Q1w2e'] })
    await say('!poglog optout aB3dE')
    await say('!poglog optout aB3dE', { userId: '44' })
    await say('!JUSTLOG OptIn Zz999 \u{E0000}')
    await say('!rustlog optout channel Q1w2e')
    expect(changes).toEqual([
      { kind: 'users', id: '22', isOut: true },
      { kind: 'users', id: '22', isOut: false },
      { kind: 'channels', id: '22', isOut: true },
    ])
    expect(told).toEqual([
      'optout user',
      'changed',
      'not-allowed',
      'optin user',
      'changed',
      'optout user',
      'changed',
    ])
  })

  it('lets admins, by login or id, opt out others and change the channels', async () => {
    const { changes, registry, told, say, boss } = setup()
    await say('!poglog optout @Carol', boss)
    await say('!poglog optin carol', { userId: '77', login: 'renamed' })
    await say('!rustlog join #Alpha beta', boss)
    await say('!justlog leave alpha', boss)
    await say('!poglog part beta, gamma', boss)
    await say('!poglog optout nobody_seen', boss)
    expect(changes).toEqual([
      { kind: 'users', id: '33', isOut: true },
      { kind: 'users', id: '33', isOut: false },
    ])
    expect(registry).toEqual(['+alpha', '+beta', '-alpha', '-beta', '-gamma'])
    expect(told.at(-1)).toBe('unknown-login')
  })

  it('does nothing for others, for old lines, and for what is no command (S1)', async () => {
    const { changes, registry, told, say, boss } = setup()
    await say('!poglog join alpha')
    await say('!poglog optout carol')
    await say('!poglog optout aB3dE', { sentAtMs: NOW_MS - 600_000 })
    await say('!poglog part alpha', { ...boss, sentAtMs: NOW_MS + 600_000 })
    await say('!poglog part alpha', { ...boss, userId: '' })
    for (const text of [
      '!poglog',
      '!poglog join',
      '!poglog status x',
      'hi !poglog part a',
      '!pog',
    ]) {
      await say(text, boss)
    }
    await say('!poglog join not/a-login ../x', boss)
    await say(`!poglog optout ${' '.repeat(20_000)}x`, boss)
    expect([changes, registry]).toEqual([[], []])
    expect(told).toEqual(['not-allowed', 'not-allowed', 'too-old', 'too-old'])
  })

  it('takes a hundred at a time, one after the other, and says so when Redis is away', async () => {
    const { told, commands, say, away } = setup()
    away()
    for (let at = 0; at < 103; at += 1) {
      commands.take({ text: '!poglog optout aB3dE', userId: '22', login: 'bob', sentAtMs: NOW_MS })
    }
    await commands.settled()
    const refused = told.filter((what) => what === 'too-many').length
    expect(refused).toBeGreaterThanOrEqual(2)
    expect(told.length).toBe(103)
    await say('!poglog optout aB3dE')
    expect(told.at(-1)).toBe('Error: redis was not reached yet')
  })

  it('reads any text without throwing, and never names what is no login (S1)', () => {
    const part = fc.constantFrom(
      '!poglog',
      '!rustlog',
      ' ',
      'optout',
      'join',
      'channel',
      'a',
      '@',
      '\u0001',
    )
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(part, { maxLength: 10 }).map((parts) => parts.join(' ')),
    )
    fc.assert(
      fc.property(text, (said) => {
        const command = parseChatCommand(said)
        if (command === undefined || !('logins' in command)) return
        for (const login of command.logins) expect(login).toMatch(/^[a-z0-9_]{1,25}$/)
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { runSuite } from './run-suite.ts'

const SOURCE = 'ircdocs/parser-tests'

function suite(source: string, cases: readonly object[]): string {
  return JSON.stringify({ source, cases })
}

describe('runSuite', () => {
  it('counts what passes and names what does not', () => {
    const json = suite(SOURCE, [
      { input: 'foo bar :baz', atoms: { verb: 'foo', params: ['bar', 'baz'] } },
      { input: 'foo', atoms: { verb: 'bar' } },
      { input: '@a=b foo', atoms: { verb: 'foo' } },
    ])
    expect(runSuite(json)).toEqual({
      source: SOURCE,
      cases: 3,
      passed: 1,
      wrong: [],
      failures: [
        'case 2: verb: expected "bar", found "foo"',
        'case 3: tags: expected {}, found {"a":"b"}',
      ],
    })
  })

  it('lets a case that is known to be wrong differ, and only differ', () => {
    const known = { source: SOURCE, case: 'case 1', reason: 'because' }
    const wrong = suite(SOURCE, [{ input: 'foo', atoms: { verb: 'bar' } }])
    expect(runSuite(wrong, [known])).toMatchObject({ passed: 0, wrong: [{ known }], failures: [] })
    const right = suite(SOURCE, [{ input: 'foo', atoms: { verb: 'foo' } }])
    expect(runSuite(right, [known])).toMatchObject({
      passed: 0,
      wrong: [],
      failures: ['case 1: listed as wrong, but passes'],
    })
  })

  it('compares every field of a typed message', () => {
    const input = '@room-id=1;target-user-id=2;ban-duration=60;tmi-sent-ts=5 CLEARCHAT #a :tom'
    const action = { $type: 'ClearChatAction::UserTimedOut', user_login: 'tom', user_id: '2' }
    const timeout = { ...action, timeout_length: { $secs: 60 } }
    const expected = { $type: 'ClearChatMessage', channel_login: 'a', action: timeout }
    const source = 'robotty/twitch-irc-rs'
    const json = suite(source, [
      { name: 'right', input, checks: [{ expr: 'msg', op: 'eq', expected }] },
      { name: 'wrong', input, checks: [{ expr: 'msg.channel_id', op: 'eq', expected: '9' }] },
      { name: 'unknown', input, checks: [{ expr: 'msg', op: 'eq', expected: { mood: 'good' } }] },
    ])
    expect(runSuite(json)).toMatchObject({
      passed: 1,
      failures: ['wrong: msg.channel_id: expected "9", found "1"', 'unknown: msg: no field mood'],
    })
  })

  it('reads the Rust values of the other suite', () => {
    const input = '@room-id=1;tmi-sent-ts=0;slow=5;followers-only=10 ROOMSTATE #a'
    const expected = {
      $type: 'RoomState',
      channel: '#a',
      channel_id: '1',
      slow: '5s',
      followers_only: { $Enabled: ['600s'] },
      r9k: null,
      timestamp: '1970-01-01T00:00:00.000Z',
    }
    const json = suite('jprochazk/tmi-rs', [{ name: 'x', kind: 'snapshot', input, expected }])
    expect(runSuite(json)).toMatchObject({ passed: 1, failures: [] })
  })

  it('refuses what is no suite it knows', () => {
    expect(() => runSuite('[]')).toThrow('a suite is an object')
    expect(() => runSuite(suite('somebody/else', []))).toThrow('no reader')
  })
})

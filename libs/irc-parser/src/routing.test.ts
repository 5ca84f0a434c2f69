import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LINES, PRIVMSG } from '../test/fixtures.ts'
import { referenceRouting } from '../test/reference.ts'
import { parseRouting } from './routing.ts'

describe('parseRouting', () => {
  it('reads a message', () => {
    expect(parseRouting(PRIVMSG)).toEqual({
      command: 'PRIVMSG',
      channel: 'pixelpond',
      channelId: '1001',
      userId: '2002',
      login: 'mara',
      id: '0f1e2d3c-4b5a-4697-8879-6a5b4c3d2e1f',
      sentAtMs: 1_795_250_000_123,
      text: 'Kappa hello there',
      raw: PRIVMSG,
    })
  })

  it.each(LINES)('agrees with plain splitting: %s', (line) => {
    expect(parseRouting(line)).toEqual(referenceRouting(line))
  })

  it.each(['\r\n', '\n', '\r', '\r\n\r\n'])('leaves out the line end %j', (lineEnd) => {
    for (const line of LINES) expect(parseRouting(line + lineEnd)).toEqual(parseRouting(line))
  })

  it.each([
    '',
    ' ',
    '\r\n',
    '@',
    '@ ',
    '@ PING',
    '@a=b',
    '@a=b ',
    '@a=b :tmi.twitch.tv',
    '@a=b :tmi.twitch.tv ',
    '@a=b : PING',
    ':',
    ': PING',
    ' PING',
    'P1NG',
    'P!NG',
    'PØNG',
    '12',
    '1234',
    'PI\nNG',
  ])('knows that %j is no message', (line) => {
    expect(parseRouting(line)).toBeUndefined()
  })

  it('reads commands of either case and says them in upper case', () => {
    expect(parseRouting('ping')?.command).toBe('PING')
    expect(parseRouting('PriVmsg #a :b')?.command).toBe('PRIVMSG')
    expect(parseRouting('001 x')?.command).toBe('001')
  })

  it('gives a ban to its target', () => {
    const ban = '@room-id=1;target-user-id=2 :tmi.twitch.tv CLEARCHAT #a :tom'
    expect(parseRouting(ban)?.userId).toBe('2')
    expect(parseRouting(ban.replace('@', '@user-id=3;'))?.userId).toBe('3')
    expect(parseRouting(ban.replace('@', '@user-id=;'))?.userId).toBe('2')
  })

  it.each([
    ['1795250000123', 1_795_250_000_123],
    ['0', 0],
    ['', undefined],
    ['-1', undefined],
    ['1e9', undefined],
    ['12 ', 12],
    ['999999999999999', 999_999_999_999_999],
    ['1000000000000000', undefined],
  ])('reads the sent time %j as %j', (digits, sentAtMs) => {
    const line = PRIVMSG.replace('1795250000123', digits.trim())
    expect(parseRouting(line)?.sentAtMs).toBe(sentAtMs)
    expect(parseRouting(`@tmi-sent-ts=${digits} PING`)?.sentAtMs).toBe(sentAtMs)
  })

  it.each(['id', 'room-id', 'user-id', 'tmi-sent-ts'])('keeps the last of two tags %s', (name) => {
    for (const double of [`${name}=7;`, `${name};`]) {
      const before = PRIVMSG.replace('@', `@${double}`)
      const after = PRIVMSG.replace(';user-type', `;${double}user-type`)
      expect(parseRouting(before)).toEqual(referenceRouting(before))
      expect(parseRouting(after)).toEqual(referenceRouting(after))
      expect(parseRouting(after)?.raw).toBe(after)
    }
  })

  it('does not believe tags that somebody writes into a message', () => {
    const forged = `@a=b :tom!tom@tom.tmi.twitch.tv PRIVMSG #x :${PRIVMSG.replace('@', ';')}`
    expect(parseRouting(forged)).toMatchObject({ login: 'tom', channel: 'x', userId: '', id: '' })
    expect(parseRouting(`x${PRIVMSG}`)).toBeUndefined()
  })

  it('ends the tags at the first space, wherever it stands', () => {
    for (const tag of ['mod', 'subscriber', 'turbo', 'user-type']) {
      const line = PRIVMSG.replace(new RegExp(`;${tag}=[^;]`), `;${tag}= `)
      expect(parseRouting(line)).toEqual(referenceRouting(line))
    }
  })

  it('is not misled by tags whose names go on', () => {
    const line = '@idx=1;loginx=1;room-idx=1;tmi-sent-tsx=1;target-user-idx=1;user-idx=1 PING'
    expect(parseRouting(line)).toEqual(referenceRouting(line))
    expect(parseRouting(line.replaceAll('x=', '=x'))).toMatchObject({ id: 'x1', userId: 'x1' })
  })

  it('unescapes what has escapes', () => {
    const line = PRIVMSG.replace('user-id=2002', 'user-id=2\\s2\\')
    expect(parseRouting(line)?.userId).toBe('2 2')
  })

  it('takes runs of spaces for one', () => {
    expect(parseRouting('@a=b   :tmi.twitch.tv   PRIVMSG   #a   :  b ')).toMatchObject({
      channel: 'a',
      text: '  b ',
    })
  })

  it('reads a text without a colon, and a channel with one', () => {
    expect(parseRouting('PRIVMSG #a word')).toMatchObject({ channel: 'a', text: 'word' })
    expect(parseRouting('JOIN :#a')).toMatchObject({ channel: 'a', text: undefined })
    expect(parseRouting('PRIVMSG a b :c')).toMatchObject({ channel: '', text: 'c' })
  })

  it('takes the nick of any source that has one', () => {
    expect(parseRouting(':a!b@c PING')?.login).toBe('a')
    expect(parseRouting(':a@c PING')?.login).toBe('a')
    expect(parseRouting(':a PING')?.login).toBe('')
    expect(parseRouting('@login=x :a PING :!@')?.login).toBe('x')
  })

  it('agrees with plain splitting on lines put together from pieces', () => {
    const pieces = fc.constantFrom(
      '@',
      ':',
      ';',
      ' ',
      '=',
      '#',
      '!',
      '\\',
      '\r',
      '\n',
      'id',
      'room-id',
      'user-id',
      'login',
      'tmi-sent-ts',
      'target-user-id',
      'PRIVMSG',
      'mod=0',
      '12',
      'x',
      '\ud83d',
      '\0',
      '001',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const line = parts.join('')
        expect(parseRouting(line)).toEqual(referenceRouting(line))
      }),
      { numRuns: 5000 },
    )
  })

  it('agrees with plain splitting on tags in any order, double or not', () => {
    const tag = fc
      .tuple(
        fc.constantFrom(
          'id',
          'room-id',
          'user-id',
          'tmi-sent-ts',
          'target-user-id',
          'mod',
          'turbo',
        ),
        fc.constantFrom('', '=', '=1', '=22', '=\\s'),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(tag, { minLength: 1, maxLength: 12 }), (tags) => {
        const line = `@${tags.join(';')} :a!a@a.tmi.twitch.tv PRIVMSG #b :c`
        expect(parseRouting(line)).toEqual(referenceRouting(line))
      }),
      { numRuns: 5000 },
    )
  })

  it.each([';', ';id=', ' ', '\r\n', '\\', '=', ';id=a;room-id=1', ';id=1;b', '😀'])(
    'bears long lines full of %j',
    (piece) => {
      const filler = piece.repeat(20_000)
      for (const line of [filler, `@a${filler} PING`, `${PRIVMSG}${filler}`, `@${filler}`]) {
        expect(parseRouting(line)).toEqual(referenceRouting(line))
      }
    },
  )
})

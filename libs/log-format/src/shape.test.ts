import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeShape } from './shape.ts'
import { rebuildLine } from './rebuild-line.ts'
import { ircLine } from './testing/irc-line.ts'

const PRIVMSG =
  '@badge-info=;badges=vip/1;color=#1E90FF;display-name=Carol;emotes=25:0-4;first-msg=0;flags=0-3:P.5;' +
  'id=11111111-1111-4111-8111-000000000001;mod=0;room-id=30;subscriber=1;tmi-sent-ts=1709251274940;' +
  'user-id=5;user-type= :carol!carol@carol.tmi.twitch.tv PRIVMSG #big :Kappa hello'

const roundTrip = (line: string): string | undefined => {
  const { fields, columns } = encodeShape(line)
  return rebuildLine(fields, columns)
}

describe('the shape of a line', () => {
  it('is the line with placeholders for what columns hold', () => {
    const { columns } = encodeShape(PRIVMSG)
    expect(columns).toEqual({
      login: 'carol',
      displayName: 'Carol',
      color: '#1E90FF',
      badges: 'vip/1',
      badgeInfo: '',
      emotes: '25:0-4',
      text: 'Kappa hello',
      tags: 'flags=0-3:P.5',
      shape:
        '@badge-info={badge_info};badges={badges};color={color};display-name={display_name};' +
        'emotes={emotes};first-msg=0;flags={tags};id={id};mod=0;room-id={channel_id};subscriber=1;' +
        'tmi-sent-ts={sent_at};user-id={user_id};user-type= ' +
        ':{login}!{login}@{login}.tmi.twitch.tv PRIVMSG #{channel_login} :{text}',
      raw: null,
    })
  })

  it.each([
    PRIVMSG,
    `${PRIVMSG} `,
    '@b=2;a=3;b=4 :tmi.twitch.tv NOTICE #big :Now hosting.',
    '@login=x;login=y;badges=1;badges= :tmi.twitch.tv USERNOTICE #big',
    '@a;b;c= :tmi.twitch.tv NOTICE #big :',
    '@room-id=;target-msg-id=abc;login=ann :tmi.twitch.tv CLEARMSG #big :\ufeffbom',
    '@room-id=030;tmi-sent-ts=0123;id=ABC;user-id= :x!y@z PRIVMSG #big :odd',
    '@{text}=2;x={login} :tmi.twitch.tv NOTICE #big :braces',
    ':tmi.twitch.tv CLEARCHAT #big',
    ':tmi.twitch.tv CLEARCHAT #big carol',
    ':poglog PRESENCE #big joined replica=1',
    'PING :tmi.twitch.tv',
    ':tmi.twitch.tv 366 nick #big :End of /NAMES list',
    '',
    '@',
    '@ ',
    ':',
    '@;;;=;=;= : :',
    '@__proto__=1;constructor=2;toString= :tmi.twitch.tv NOTICE #big :x',
  ])('gives back %j', (line) => {
    expect(roundTrip(line)).toBe(line)
  })

  it('keeps lines of the usual form out of raw', () => {
    for (const line of [
      PRIVMSG,
      ':tmi.twitch.tv CLEARCHAT #big',
      '@x=5 :tmi.twitch.tv NOTICE #a :b',
      '@login=x;login=y;badges=1;badges= :tmi.twitch.tv USERNOTICE #big',
    ]) {
      expect(encodeShape(line).columns.raw).toBeNull()
    }
  })

  it('keeps text and login readable where the line is kept whole', () => {
    const { columns } = encodeShape('@id=1 :ann!other@host PRIVMSG #big :hello you')
    expect(columns).toMatchObject({ shape: null, login: 'ann', text: 'hello you' })
  })

  it('gives back every generated line (Q2)', () => {
    fc.assert(
      fc.property(ircLine(), (line) => {
        expect(roundTrip(line)).toBe(line)
      }),
      { numRuns: 1000 },
    )
  })

  it('gives back every string (S1)', () => {
    const anything = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
      .map((units) => String.fromCharCode(...units))
    const pieces = fc.constantFrom(
      '@',
      ';',
      '=',
      ' ',
      ':',
      '#',
      '!',
      '{text}',
      '{tags}',
      '{id}',
      'id',
      'a',
    )
    const spiky = fc
      .array(fc.oneof(pieces, anything), { maxLength: 25 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(anything, spiky), (line) => {
        expect(roundTrip(line)).toBe(line)
      }),
      { numRuns: 700 },
    )
  })

  it('refuses columns that make no line', () => {
    const { fields, columns } = encodeShape(PRIVMSG)
    expect(rebuildLine(fields, { ...columns, shape: '{unknown}' })).toBeUndefined()
    expect(rebuildLine(fields, { ...columns, text: null })).toBeUndefined()
    expect(rebuildLine(fields, { ...columns, tags: null })).toBeUndefined()
    expect(rebuildLine(fields, { ...columns, tags: 'flags=1;flags=2' })).toBeUndefined()
    expect(rebuildLine(fields, { ...columns, tags: 'flags' })).toBeUndefined()
    expect(rebuildLine(fields, { ...columns, shape: null })).toBeUndefined()
  })

  it('stays right when more shapes come than are remembered', () => {
    for (let index = 0; index < 2_500; index += 1) {
      const line = `@t${index}=5;id=7 :tmi.twitch.tv NOTICE #big :x${index}`
      if (roundTrip(line) !== line) throw new Error(line)
    }
    expect(roundTrip(PRIVMSG)).toBe(PRIVMSG)
  })
})

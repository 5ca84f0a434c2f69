import { parseRouting } from '@poglog/irc-parser'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logRejection, recordFromLine } from './record-from-line.ts'
import { recordKey } from './record-key.ts'

const PRIVMSG =
  '@id=11111111-1111-4111-8111-000000000001;room-id=30;tmi-sent-ts=1709251274940;user-id=5 ' +
  ':carol!carol@carol.tmi.twitch.tv PRIVMSG #big :hello'
const BAN =
  '@ban-duration=600;room-id=30;target-user-id=5;tmi-sent-ts=1709251274940 :tmi.twitch.tv CLEARCHAT #big :carol'
const DELETION =
  '@login=carol;room-id=;target-msg-id=11111111-1111-4111-8111-000000000001;tmi-sent-ts=1709251274999 ' +
  ':tmi.twitch.tv CLEARMSG #big :hello'
const NOTICE = '@msg-id=slow_off :tmi.twitch.tv NOTICE #big :This room is no longer in slow mode.'

const RECEIVED = { receivedAtMs: 1_709_251_275_000 }

function key(raw: string, channelId = '30'): string {
  const routing = parseRouting(raw)
  if (routing === undefined) throw new Error(raw)
  return recordKey(routing, channelId)
}

describe('a record from a line', () => {
  it('takes channel, user, time and key from the tags', () => {
    expect(recordFromLine(PRIVMSG, RECEIVED)).toEqual({
      channelId: '30',
      channelLogin: 'big',
      userId: '5',
      sentAtMs: 1_709_251_274_940,
      receivedAtMs: 1_709_251_275_000,
      type: 'PRIVMSG',
      key: '11111111111141118111000000000001',
      raw: PRIVMSG,
    })
  })

  it('belongs to the target of a ban, and of a deletion to whom the context says', () => {
    expect(recordFromLine(BAN, RECEIVED)).toMatchObject({ userId: '5', type: 'CLEARCHAT' })
    const context = { ...RECEIVED, channelId: '30', userId: '5' }
    expect(recordFromLine(DELETION, context)).toMatchObject({ channelId: '30', userId: '5' })
    expect(recordFromLine(DELETION, { ...RECEIVED, channelId: '30' })?.userId).toBe('')
  })

  it('takes the sent time of the context, else the receive time, where the line has none', () => {
    const context = { ...RECEIVED, channelId: '30' }
    expect(recordFromLine(NOTICE, { ...context, sentAtMs: 7 })?.sentAtMs).toBe(7)
    expect(recordFromLine(NOTICE, context)?.sentAtMs).toBe(RECEIVED.receivedAtMs)
    expect(recordFromLine(PRIVMSG, { ...context, sentAtMs: 7 })?.sentAtMs).toBe(1_709_251_274_940)
  })

  it('keeps its own ledger lines', () => {
    const raw = ':poglog PRESENCE #big :joined'
    const context = { ...RECEIVED, channelId: '30' }
    expect(recordFromLine(raw, context)).toMatchObject({
      type: 'PRESENCE',
      channelLogin: 'big',
      raw,
    })
  })

  it.each([
    ['', 'malformed'],
    ['PRIVMSG #big :half a pair \ud83d', 'malformed'],
    ['PRIVMSG #big :nul \0', 'malformed'],
    ['PRIVMSG #big :two\nlines', 'malformed'],
    ['PING :tmi.twitch.tv', 'not-logged'],
    ['@room-id=30 :a!a@a.tmi.twitch.tv JOIN #big', 'not-logged'],
    [NOTICE, 'no-channel'],
    ['@room-id=30x :tmi.twitch.tv NOTICE #big :x', 'no-channel'],
    ['@room-id=123456789012345678901 :tmi.twitch.tv NOTICE #big :x', 'no-channel'],
    ['@room-id=030 :tmi.twitch.tv NOTICE #big :x', 'no-channel'],
  ] as const)('is not made of %j: %s', (raw, reason) => {
    expect(recordFromLine(raw, RECEIVED)).toBeUndefined()
    expect(logRejection(raw, RECEIVED)).toBe(reason)
  })

  it('is made exactly of the lines that are not rejected (S1)', () => {
    const context = { ...RECEIVED, channelId: '30' }
    const parts = fc.constantFrom(
      '@room-id=1 ',
      ':a ',
      'NOTICE',
      ' #b',
      ' :c',
      '\r',
      '\n',
      '\0',
      ' ',
      'x',
    )
    fc.assert(
      fc.property(
        fc.array(fc.oneof(parts, fc.constantFrom('\ud83d', '\ude02', 'é', '@a=b ', '@', ':')), {
          maxLength: 8,
        }),
        (pieces) => {
          const raw = pieces.join('')
          const record = recordFromLine(raw, context)
          expect(record === undefined).toBe(logRejection(raw, context) !== undefined)
          expect(raw.startsWith(record?.raw ?? '')).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('a record key', () => {
  it('is the id tag where that is a UUID as Twitch writes it', () => {
    expect(key(PRIVMSG)).toBe('11111111111141118111000000000001')
    const upper = PRIVMSG.replace('id=1', 'id=A')
    expect(key(upper)).not.toBe('a1111111111141118111000000000001')
    expect(key(upper)).toMatch(/^[0-9a-f]{32}$/)
  })

  it('is the same for a copy of an event whose tags stand in another order (I2)', () => {
    const shuffled =
      '@tmi-sent-ts=1709251274940;target-user-id=5;room-id=30;ban-duration=600 :tmi.twitch.tv CLEARCHAT #big :carol'
    expect(key(shuffled)).toBe(key(BAN))
  })

  it.each([
    [BAN, BAN.replace('600', '601')],
    [BAN, BAN.replace('4940', '4941')],
    [BAN, BAN.replace('target-user-id=5', 'target-user-id=6')],
    [BAN, BAN.replace('CLEARCHAT', 'NOTICE')],
    [DELETION, DELETION.replace('000000000001', '000000000002')],
    [NOTICE, NOTICE.replace('slow_off', 'subs_off')],
    [NOTICE, NOTICE.replace('slow mode', 'subs mode')],
    ['@slow=0 :tmi.twitch.tv ROOMSTATE #big', '@slow=5 :tmi.twitch.tv ROOMSTATE #big'],
    [':poglog GAP #big :1', ':poglog GAP #big :2'],
  ])('tells %j from %j', (one, other) => {
    expect(key(one)).not.toBe(key(other))
    expect(key(one)).not.toBe(key(one, '31'))
  })

  it('of a ROOMSTATE is its state', () => {
    const state =
      '@emote-only=0;followers-only=-1;r9k=0;room-id=30;slow=0;subs-only=0 :tmi.twitch.tv ROOMSTATE #big'
    expect(key(state)).toBe(
      key(state.replace('emote-only=0;', '').replace('slow=0', 'slow=0;emote-only=0')),
    )
  })
})

import { parseRouting } from '@poglog/irc-parser'
import { compareRecords, readSegment, recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storeSegment } from '../testing/segments.ts'
import { batchWriter } from './formats.ts'
import { friendlyText, searchableText } from './friendly-text.ts'
import { rfc3339, toMessage } from './message.ts'

const RECEIVED_MS = Date.UTC(2026, 10, 21, 18, 40, 0, 250)
const FROM = ':tmi.twitch.tv'
const ID = '7d4e0f52-86a1-4c0e-9f2b-0123456789ab'

const PLAIN = `@badge-info=subscriber/3;badges=vip/1;color=#00fa9a;display-name=Łucja;emotes=;first-msg=0;flags=;id=${ID};mod=0;returning-chatter=0;room-id=77;subscriber=1;tmi-sent-ts=1795286400123;turbo=0;user-id=9;user-type= :lucja!lucja@lucja.tmi.twitch.tv PRIVMSG #den :good  evening `
const ACTION = `@badges=;color=;display-name=Rex;id=${ID};room-id=77;tmi-sent-ts=1795286400000;user-id=8 :rex!rex@rex.tmi.twitch.tv PRIVMSG #den :\u0001ACTION dances\u0001`
const SUB = `@display-name=Rex;id=${ID};login=rex;msg-id=resub;room-id=77;system-msg=Rex\\ssubscribed\\sfor\\s4\\smonths!;tmi-sent-ts=1795286401000;user-id=8`
const TIMEOUT = `@ban-duration=90;room-id=77;target-user-id=8;tmi-sent-ts=1795286402000 ${FROM} CLEARCHAT #den :rex`
const BAN = `@room-id=77;target-user-id=8;tmi-sent-ts=1795286402000 ${FROM} CLEARCHAT #den :rex`
const CLEAR = `@room-id=77;tmi-sent-ts=1795286402000 ${FROM} CLEARCHAT #den`
const DELETED = `@login=rex;room-id=;target-msg-id=${ID};tmi-sent-ts=1795286403000 ${FROM} CLEARMSG #den :oh no`

/** Records of our own, and what they say in words. */
const LEDGER = [
  [
    '@replica=a;room-id=77;run=r1;tmi-sent-ts=1795286400000 :poglog PRESENCE #den :joined',
    'received by replica a (joined)',
  ],
  [
    '@replica=a;room-id=77;run=r1;since=1795286400000;tmi-sent-ts=1795290000000 :poglog PRESENCE #den :here',
    'received by replica a since 2026-11-21T18:40:00.000Z (here)',
  ],
  [
    '@cause=moved;replica=a;room-id=77;run=r1;since=1795286400000;tmi-sent-ts=1795290000001 :poglog PRESENCE #den :parted',
    'no longer received by replica a (parted: moved)',
  ],
  [
    '@cause=replica;replica=a;room-id=77;run=r1;tmi-sent-ts=1795290000002 :poglog PRESENCE #den :lost',
    'no longer received by replica a (lost: replica)',
  ],
  [
    '@from=1795286400000;room-id=77;source=logs.example.org;tmi-sent-ts=1795290000003 :poglog PRESENCE #den :restored',
    'restored from logs.example.org since 2026-11-21T18:40:00.000Z (restored)',
  ],
  [
    '@cause=dropped;from=1795286400000;lines=7;replica=a;room-id=77;run=r1;tmi-sent-ts=1795290000004 :poglog GAP #den :dropped',
    '7 lines not stored by replica a (gap: dropped)',
  ],
  [
    '@cause=spool-damaged;from=1795286400000;lines=0;replica=a;room-id=77;run=r1;tmi-sent-ts=1795290000005 :poglog GAP #den :spool-damaged',
    'lines not stored by replica a (gap: spool-damaged)',
  ],
  [':poglog PRESENCE #den :something else', ''],
] as const

function record(raw: string): LogRecord {
  const made = recordFromLine(raw, { channelId: '77', receivedAtMs: RECEIVED_MS })
  if (made === undefined) throw new Error(`no record: ${raw}`)
  return made
}

/** Records as a segment has them, which are read by their columns. */
async function stored(records: readonly LogRecord[]): Promise<LogRecord[]> {
  const cold = memoryObjectStore()
  const identity = {
    shard: 0,
    shards: 1,
    number: 1,
    projection: 'by-channel',
    level: 'day',
    arrivalFromMs: RECEIVED_MS,
    arrivalToMs: RECEIVED_MS + 1,
  } as const
  const { key, sizeBytes } = await storeSegment(records, identity, cold)
  const read: LogRecord[] = []
  const query = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, order: 'asc' } as const
  for await (const batch of readSegment({ store: cold, key, sizeBytes }, query)) read.push(...batch)
  return read
}

function written(format: 'ndjson' | 'text' | 'raw', lines: readonly string[]): string {
  return new TextDecoder().decode(batchWriter(format)(lines.map(record)))
}

describe('text', () => {
  it.each([
    [PLAIN, '[2026-11-21 18:40:00] #den lucja: good  evening '],
    [ACTION, '[2026-11-21 18:40:00] #den rex: dances'],
    [
      `${SUB} ${FROM} USERNOTICE #den :yes`,
      '[2026-11-21 18:40:01] #den rex: Rex subscribed for 4 months! yes',
    ],
    [
      `${SUB} ${FROM} USERNOTICE #den`,
      '[2026-11-21 18:40:01] #den rex: Rex subscribed for 4 months!',
    ],
    [TIMEOUT, '[2026-11-21 18:40:02] #den rex: rex has been timed out for 90 seconds'],
    [BAN, '[2026-11-21 18:40:02] #den rex: rex has been banned'],
    [CLEAR, '[2026-11-21 18:40:02] #den Chat has been cleared'],
    [DELETED, '[2026-11-21 18:40:03] #den '],
  ])('says %s in words', (raw, line) => {
    expect(written('text', [raw])).toBe(`${line}\n`)
  })

  it('keeps a line a line when a tag holds an escaped line break (S1)', () => {
    const forged = `${SUB.replace('Rex\\ssub', 'Rex\\r\\n[2026-01-01\\s00:00:00]\\s#den\\sadmin:\\shi')} ${FROM} USERNOTICE #den`
    expect(written('text', [forged]).split('\n')).toHaveLength(2)
  })

  it('writes the time of each record, also when the second goes back', () => {
    const lines = written('text', [TIMEOUT, PLAIN, ACTION, TIMEOUT]).split('\n')
    expect(lines.map((line) => line.slice(0, 21))).toEqual([
      '[2026-11-21 18:40:02]',
      '[2026-11-21 18:40:00]',
      '[2026-11-21 18:40:00]',
      '[2026-11-21 18:40:02]',
      '',
    ])
  })
})

describe('raw', () => {
  it('is what Twitch sent, byte for byte, and one LF (Q2)', () => {
    expect(written('raw', [PLAIN, ACTION])).toBe(`${PLAIN}\n${ACTION}\n`)
  })
})

describe('a message', () => {
  it('has the fields of the rustlog full object, then ours', () => {
    const message = toMessage(record(PLAIN))
    expect(Object.keys(message)).toEqual([
      'text',
      'displayName',
      'timestamp',
      'id',
      'tags',
      'username',
      'channel',
      'raw',
      'type',
      'channelId',
      'userId',
      'receivedAt',
    ])
    expect(message).toMatchObject({
      text: 'good  evening ',
      displayName: 'Łucja',
      timestamp: '2026-11-21T18:40:00.123Z',
      id: ID,
      username: 'lucja',
      channel: 'den',
      raw: PLAIN,
      type: 1,
      channelId: '77',
      userId: '9',
      receivedAt: '2026-11-21T18:40:00.250Z',
    })
  })

  it('has every tag that came, unescaped, those rustlog adds, and the colour in upper case', () => {
    expect(toMessage(record(PLAIN)).tags).toMatchObject({
      color: '#00FA9A',
      mod: '0',
      'first-msg': '0',
      subscriber: '1',
      'user-type': '',
    })
    expect(toMessage(record(`${SUB} ${FROM} USERNOTICE #den`)).tags).toMatchObject({
      'system-msg': 'Rex subscribed for 4 months!',
      badges: '',
      'badge-info': '',
      flags: '',
      emotes: '',
    })
    expect(toMessage(record(TIMEOUT))).toMatchObject({
      type: 2,
      userId: '8',
      username: 'rex',
      displayName: 'rex',
      id: '',
      timestamp: '2026-11-21T18:40:02Z',
      tags: { 'user-id': '8', 'target-user-id': '8', 'ban-duration': '90' },
    })
  })

  it('numbers the types as rustlog does', () => {
    expect(toMessage(record(DELETED)).type).toBe(13)
    expect(toMessage(record(`${SUB} ${FROM} USERNOTICE #den`)).type).toBe(4)
  })

  it('takes a tag named like a property of every object as a tag (S1)', () => {
    const { tags } = toMessage(record(`@__proto__=x;constructor=y;${PLAIN.slice(1)}`))
    expect(Object.entries(tags)).toContainEqual(['__proto__', 'x'])
    expect(Object.getPrototypeOf(tags)).toBe(Object.prototype)
  })

  it('is one line of ndjson', () => {
    const lines = written('ndjson', [PLAIN, TIMEOUT]).split('\n')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[0] ?? '')).toEqual(toMessage(record(PLAIN)))
  })
})

it('leaves a fraction of zero out of a time', () => {
  expect(rfc3339(0)).toBe('1970-01-01T00:00:00Z')
  expect(rfc3339(10)).toBe('1970-01-01T00:00:00.010Z')
})

it('searches what a deleted message said, though its text line is empty', () => {
  expect(searchableText(record(DELETED))).toBe('oh no')
  expect(searchableText(record(TIMEOUT))).toContain('timed out')
})

it('reads messages in the usual form and in any other the same', () => {
  const part = fc.constantFrom(
    '',
    ' ',
    ':',
    '#',
    '!',
    '@',
    'a',
    'ż',
    ';',
    '=',
    'rex',
    '\u0001ACTION ',
    '\u0001',
  )
  const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''))
  const line = fc.record({
    tags: fc.constantFrom('', '@a=b ', '@a=!;b=:x ', '@a=b  '),
    source: fc.constantFrom(
      ':rex!rex@rex.tmi.twitch.tv ',
      ':rex@host ',
      ':host ',
      ':!a@b ',
      '',
      ':rex!a  ',
    ),
    verb: fc.constantFrom('PRIVMSG', 'privmsg', 'PRIVMSG '),
    channel: fc.constantFrom('#den', '#other', '#den '),
    text,
  })
  fc.assert(
    fc.property(line, ({ tags, source, verb, channel, text: said }) => {
      const raw = `${tags}${source}${verb} ${channel} :${said}`
      const routing = parseRouting(raw)
      const wrapped = routing?.text ?? ''
      const isAction = wrapped.startsWith('\u0001ACTION ')
      const inner = wrapped.slice(8, wrapped.endsWith('\u0001') ? -1 : undefined)
      expect(friendlyText({ ...record(PLAIN), raw })).toEqual({
        username: routing?.login ?? '',
        text: isAction ? inner : wrapped,
      })
    }),
    { numRuns: 1000 },
  )
})

it('answers a record of a segment like the line it was made from, in every format (Q2)', async () => {
  const lines = [
    PLAIN,
    ACTION,
    `${SUB} ${FROM} USERNOTICE #den :yes`,
    TIMEOUT,
    BAN.replace('402000', '402001'),
    CLEAR,
    DELETED,
    `@msg-id=slow_off ${FROM} NOTICE #den :This room is no longer in slow mode.`,
    `@room-id=77;slow=0 ${FROM} ROOMSTATE #den`,
    ...LEDGER.map(([line]) => line),
    PLAIN.replace(ID, ID.replace('7', '8')).replace(' PRIVMSG #den :', ' PRIVMSG #den  :'),
    PLAIN.replace(ID, ID.replace('7', '9')).replace('lucja!lucja@lucja', 'lucja'),
  ]
  const made = lines.map(record).toSorted(compareRecords)
  const read = await stored(made)
  expect(read.map(({ raw }) => raw)).toEqual(made.map(({ raw }) => raw))
  for (const format of ['text', 'ndjson', 'raw'] as const) {
    const write = (records: readonly LogRecord[]): string =>
      new TextDecoder().decode(batchWriter(format)(records))
    expect(write(read)).toBe(write(made))
  }
  expect(read.map(searchableText)).toEqual(made.map(searchableText))
})

it('says in words what a ledger record tells (I1)', () => {
  for (const [line, text] of LEDGER) {
    expect(friendlyText(record(line))).toEqual({ username: 'poglog', text })
    expect(searchableText(record(line))).toBe(text)
  }
  expect(written('text', [LEDGER[0][0]])).toBe(
    '[2026-11-21 18:40:00] #den poglog: received by replica a (joined)\n',
  )
})

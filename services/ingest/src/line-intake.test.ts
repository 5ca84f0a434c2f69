import * as fc from 'fast-check'
import type { AppendLine } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { KnownNames } from './known-names.ts'
import { LineIntake } from './line-intake.ts'

function setup() {
  const offered: AppendLine[] = []
  const later: { line: AppendLine; login: string }[] = []
  const rejected: string[] = []
  const told: string[] = []
  const names = new KnownNames()
  const intake = new LineIntake({
    offer: (line) => offered.push(line),
    offerLater: (line, login) => later.push({ line, login }),
    names,
    events: { rejected: (reason) => rejected.push(reason) },
    nowMs: () => 5000,
  })
  const source = {
    isJoining: () => true,
    confirm: (login: string) => told.push(`joined ${login}`),
    refuse: (login: string, id: string) => told.push(`refused ${login} ${id}`),
  }
  const take = (...lines: string[]): void => intake.take(lines, source)
  return { offered, later, rejected, told, names, intake, take }
}

const UUID = '0f5a1e2c-1111-4222-8333-444455556666'
const PRIVMSG = `@id=${UUID};room-id=11;tmi-sent-ts=1000;user-id=22 :bob!bob@bob.tmi.twitch.tv PRIVMSG #alice :hi  `
const ROOMSTATE = '@emote-only=0;room-id=11;slow=0 :tmi.twitch.tv ROOMSTATE #alice'

const clear = (login: string): string =>
  `@login=${login};room-id=;target-msg-id=${UUID};tmi-sent-ts=2000 :tmi.twitch.tv CLEARMSG #alice :hi`

const messageIn = (id: string, sentAtMs: number): string =>
  PRIVMSG.replace('room-id=11', `room-id=${id}`).replace('ts=1000', `ts=${sentAtMs}`)

describe('LineIntake', () => {
  it('keeps the line as it came, with its routing fields (Q2)', () => {
    const { offered, take } = setup()
    take(PRIVMSG)
    const key = UUID.replaceAll('-', '')
    expect(offered).toEqual([
      { channelId: '11', key, raw: PRIVMSG, sentAtMs: 1000, userId: '22', type: 'PRIVMSG' },
    ])
  })

  it('knows the channel of lines without a room id from its ROOMSTATE', () => {
    const { offered, rejected, take } = setup()
    const notice = '@msg-id=slow_on :tmi.twitch.tv NOTICE #alice :This room is now in slow mode.'
    take(notice)
    expect(rejected).toEqual(['no-channel'])
    take(ROOMSTATE, notice)
    expect(offered.map(({ type, channelId, sentAtMs }) => [type, channelId, sentAtMs])).toEqual([
      ['ROOMSTATE', '11', undefined],
      ['NOTICE', '11', undefined],
    ])
  })

  it('finds the user of a CLEARMSG by the names learnt, or asks for it', () => {
    const { offered, later, take } = setup()
    take(PRIVMSG, clear('bob'), clear('carol'))
    expect(offered.at(-1)).toMatchObject({ type: 'CLEARMSG', channelId: '11', userId: '22' })
    expect(later).toMatchObject([{ login: 'carol', line: { type: 'CLEARMSG', userId: '' } }])
  })

  it('learns names of senders, targets and channels', () => {
    const { names, take } = setup()
    take(
      PRIVMSG,
      '@room-id=11;target-user-id=33;tmi-sent-ts=1 :tmi.twitch.tv CLEARCHAT #alice :dave',
      '@id=1;login=erin;room-id=11;tmi-sent-ts=1;user-id=44 :tmi.twitch.tv USERNOTICE #alice',
    )
    const logins = ['alice', 'bob', 'dave', 'erin']
    expect(logins.map((login) => names.idOf(login))).toEqual(['11', '22', '33', '44'])
  })

  it('learns the new id of a channel at once, and tells its name again now and then', () => {
    const { intake, names, take } = setup()
    take(messageIn('11', 1000), messageIn('12', 2000), messageIn('12', 3000))
    expect(intake.channelIdOf('alice')).toBe('12')
    expect(intake.loginOf('12')).toBe('alice')
    names.takeUnlearnt()
    take(messageIn('12', 4_000_000))
    expect(names.takeUnlearnt().map(({ login }) => login)).toContain('alice')
  })

  it('says which channels are joined, and which refused', () => {
    const { told, take } = setup()
    take(ROOMSTATE, '@msg-id=msg_channel_suspended :tmi.twitch.tv NOTICE #gone :suspended')
    take('@msg-id=msg_room_not_found :tmi.twitch.tv NOTICE #never :not found')
    take('@msg-id=msg_timedout :tmi.twitch.tv NOTICE #quiet :you are timed out')
    expect(told).toEqual([
      'joined alice',
      'refused gone msg_channel_suspended',
      'refused never msg_room_not_found',
    ])
  })

  it('takes no record of our own ledger, and none without a channel, from the socket (S1)', () => {
    const { offered, rejected, take } = setup()
    take(
      '@room-id=11 :x GAP #alice :forged',
      '@room-id=11 :x PRESENCE #alice :forged',
      '@room-id=11;tmi-sent-ts=1 :tmi.twitch.tv CLEARCHAT',
      '@room-id=11 :x USERSTATE #alice',
      '@room-id',
    )
    expect(offered).toEqual([])
    expect(rejected).toEqual(['not-logged', 'not-logged', 'malformed', 'not-logged', 'malformed'])
  })

  it('never throws, whatever the lines are (S1)', () => {
    const part = fc.constantFrom(
      '@',
      ':',
      ' ',
      '#a',
      ';',
      '=',
      'room-id=1',
      'PRIVMSG',
      'CLEARMSG',
      'NOTICE',
      'login=b',
    )
    const line = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const { offered, later, rejected, take } = setup()
        take(...lines)
        expect(offered.length + later.length + rejected.length).toBe(lines.length)
      }),
      { numRuns: 100 },
    )
  })
})

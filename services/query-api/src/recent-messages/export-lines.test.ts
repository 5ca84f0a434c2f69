import { recordFromLine } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { exportLines } from './export-lines.ts'
import type { ExportOptions } from './export-lines.ts'

const PLAIN: ExportOptions = {
  hideModerationMessages: false,
  hideModeratedMessages: false,
  clearchatToNotice: false,
}
const NOTICE: ExportOptions = { ...PLAIN, clearchatToNotice: true }

const said = (id: string, userId: string): string =>
  `@color;display-name=U${userId};id=${id};room-id=10;tmi-sent-ts=1;user-id=${userId} :u${userId}!u@u PRIVMSG #chan :LUL`
const sub = (id: string, userId: string): string =>
  `@id=${id};login=u${userId};msg-id=resub;room-id=10;tmi-sent-ts=1;user-id=${userId} :tmi.twitch.tv USERNOTICE #chan`
const timeout = (userId: string, seconds = 630): string =>
  `@ban-duration=${seconds};room-id=10;target-user-id=${userId};tmi-sent-ts=1 :tmi.twitch.tv CLEARCHAT #chan :u${userId}`
const ban = (userId: string): string =>
  `@room-id=10;target-user-id=${userId};tmi-sent-ts=1 :tmi.twitch.tv CLEARCHAT #chan :u${userId}`
const clear = '@room-id=10;tmi-sent-ts=1 :tmi.twitch.tv CLEARCHAT #chan'
const removal = (id: string): string =>
  `@login=u2;room-id=;target-msg-id=${id};tmi-sent-ts=1 :tmi.twitch.tv CLEARMSG #chan :LUL`
const notice = (messageId: string): string =>
  `@msg-id=${messageId} :tmi.twitch.tv NOTICE #chan :A notice.`
const roomState = '@emote-only=0;room-id=10 :tmi.twitch.tv ROOMSTATE #chan'

/** The exported lines of lines, received at 1001, 1002 and so on. */
function exported(lines: readonly string[], options: ExportOptions = PLAIN): string[] {
  const received = lines.map((raw, at) => {
    const record = recordFromLine(raw, { channelId: '10', receivedAtMs: 1001 + at })
    if (record === undefined) throw new Error(`no record: ${raw}`)
    return { record, receivedMs: 1001 + at }
  })
  return exportLines(received, options)
}

/** Which of the lines are marked, as places from 0. */
function marked(lines: readonly string[]): number[] {
  return exported(lines).flatMap((line, at) => (/^@\S*rm-deleted=1/.test(line) ? [at] : []))
}

describe('an exported line (2.1)', () => {
  it('is as it was sent, with historical and rm-received-ts behind its tags', () => {
    expect(exported([said('a', '2')])).toEqual([
      '@color;display-name=U2;id=a;room-id=10;tmi-sent-ts=1;user-id=2;historical=1;rm-received-ts=1001 :u2!u@u PRIVMSG #chan :LUL',
    ])
    expect(exported([':tmi.twitch.tv NOTICE #chan :no tags;=here'])).toEqual([
      '@historical=1;rm-received-ts=1001 :tmi.twitch.tv NOTICE #chan :no tags;=here',
    ])
  })

  it('says each added tag once, also of a line that another service had added them to', () => {
    const restored = `@historical=1;id=a;rm-deleted=1;room-id=10;rm-received-ts=7;tmi-sent-ts=1;user-id=2 :u2!u@u PRIVMSG #chan :x`
    expect(exported([restored])).toEqual([
      '@id=a;room-id=10;tmi-sent-ts=1;user-id=2;historical=1;rm-received-ts=1001 :u2!u@u PRIVMSG #chan :x',
    ])
  })

  it('is of the six commands, but of no notice that is withheld', () => {
    const lines = [
      roomState,
      said('a', '2'),
      sub('b', '2'),
      timeout('3'),
      removal('x'),
      notice('slow_on'),
    ]
    expect(exported(lines)).toHaveLength(6)
    for (const messageId of [
      'no_permission',
      'host_on',
      'host_off',
      'host_target_went_offline',
      'msg_channel_suspended',
    ]) {
      expect(exported([notice(messageId), said('a', '2')])).toHaveLength(1)
    }
  })
})

describe('deletion marking (2.1)', () => {
  it('marks everything before a CLEARCHAT without target, of whatever type, and nothing after', () => {
    const lines = [
      roomState,
      said('a', '2'),
      timeout('3'),
      notice('slow_on'),
      clear,
      said('b', '2'),
      sub('c', '3'),
    ]
    expect(marked(lines)).toEqual([0, 1, 2, 3])
    expect(marked([...lines, clear])).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it.each([
    ['timeout', timeout('2')],
    ['ban', ban('2')],
  ])('marks earlier PRIVMSG and USERNOTICE of the target of a %s, and no later ones', (_, line) => {
    expect(
      marked([said('a', '2'), said('b', '3'), sub('c', '2'), line, said('d', '2'), line]),
    ).toEqual([0, 2, 4])
  })

  it('marks the one earlier PRIVMSG or USERNOTICE with the id of a CLEARMSG', () => {
    expect(
      marked([said('a', '2'), sub('b', '2'), removal('a'), removal('b'), said('a', '2')]),
    ).toEqual([0, 1])
    expect(marked([said('', '2'), removal('')])).toEqual([])
    expect(marked([said('a', '2'), removal('nothing')])).toEqual([])
  })
})

describe('hide_moderation_messages (2.1)', () => {
  it('leaves out CLEARCHAT and CLEARMSG, which have marked all the same', () => {
    const lines = exported(
      [said('a', '2'), said('b', '3'), removal('b'), timeout('2'), clear, roomState],
      { ...NOTICE, hideModerationMessages: true },
    )
    expect(lines.map((line) => / (PRIVMSG|ROOMSTATE) /.exec(line)?.[1])).toEqual([
      'PRIVMSG',
      'PRIVMSG',
      'ROOMSTATE',
    ])
    expect(lines.filter((line) => line.includes(';rm-deleted=1 '))).toHaveLength(2)
  })
})

describe('hide_moderated_messages (2.1)', () => {
  it('leaves out what was deleted', () => {
    const lines = [said('a', '2'), said('b', '3'), timeout('2')]
    expect(exported(lines, { ...PLAIN, hideModeratedMessages: true })).toEqual(
      exported(lines).slice(1),
    )
  })
})

describe('clearchat_to_notice (2.1)', () => {
  it.each([
    [clear, 'rm-clearchat', 'Chat has been cleared by a moderator.'],
    [timeout('2', 630), 'rm-timeout', 'u2 has been timed out for 10m 30s.'],
    [timeout('2', 1), 'rm-timeout', 'u2 has been timed out for 1s.'],
    [timeout('2', 1_209_600), 'rm-timeout', 'u2 has been timed out for 14days.'],
    [ban('2'), 'rm-permaban', 'u2 has been permanently banned.'],
  ])('says %j with msg-id %s', (line, messageId, text) => {
    expect(exported([line], NOTICE)).toEqual([
      `@msg-id=${messageId};historical=1;rm-received-ts=1001 :tmi.twitch.tv NOTICE #chan :${text}`,
    ])
  })

  it('marks such a notice, too, and leaves other lines as they are', () => {
    expect(exported([ban('2'), clear, said('a', '2')], NOTICE)).toEqual([
      '@msg-id=rm-permaban;historical=1;rm-received-ts=1001;rm-deleted=1 :tmi.twitch.tv NOTICE #chan :u2 has been permanently banned.',
      '@msg-id=rm-clearchat;historical=1;rm-received-ts=1002 :tmi.twitch.tv NOTICE #chan :Chat has been cleared by a moderator.',
      ...exported([said('x', '1'), said('x', '1'), said('a', '2')]).slice(2),
    ])
  })
})

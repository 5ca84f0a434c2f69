import { describe, expect, it } from 'vitest'
import { message } from '../testing/messages.ts'
import { lineOf, textOf } from './line.ts'

describe('a line', () => {
  it('is what somebody said, with how they look', () => {
    const line = lineOf(
      message({
        tags: { color: '#FF4500', badges: 'moderator/1,subscriber/12', emotes: '25:0-4' },
        text: 'Kappa hi',
      }),
    )
    expect(line).toMatchObject({
      type: 'said',
      sentMs: Date.UTC(2026, 10, 21, 18, 40, 0, 123),
      color: '#FF4500',
      badges: [
        { name: 'moderator', version: '1' },
        { name: 'subscriber', version: '12' },
      ],
      text: 'Kappa hi',
      systemText: '',
      emotes: '25:0-4',
      isAction: false,
    })
    expect(textOf(line)).toBe('[2026-11-21 18:40:00] #pogfox icemad: Kappa hi')
  })

  it('has no colour where the tag is none', () => {
    for (const color of ['', 'red', '#12345', 'url(x)']) {
      expect(lineOf(message({ tags: { color } })).color).toBeUndefined()
    }
  })

  it('is an action by its wrapper, which is not shown', () => {
    const line = lineOf(message({ text: 'dances', trailing: '\u0001ACTION dances\u0001' }))
    expect(line).toMatchObject({ isAction: true, text: 'dances' })
  })

  it('tells what Twitch says apart from what the user wrote: emotes count from there', () => {
    const line = lineOf(
      message({
        command: 'USERNOTICE',
        text: 'icemad subscribed! Kappa : x',
        trailing: 'Kappa : x',
        tags: { 'msg-id': 'resub', 'system-msg': 'icemad subscribed!', emotes: '25:0-4' },
      }),
    )
    expect(line).toMatchObject({
      type: 'event',
      event: 'resub',
      systemText: 'icemad subscribed!',
      text: 'Kappa : x',
    })
  })

  it('is a timeout, a ban, or a removal with what was removed', () => {
    const ban = { command: 'CLEARCHAT', id: '', text: 'x has been banned', trailing: 'x' }
    expect(lineOf(message({ ...ban, tags: { 'ban-duration': '600' } }))).toMatchObject({
      type: 'ban',
      banSeconds: 600,
      systemText: 'x has been banned',
    })
    expect(lineOf(message(ban)).banSeconds).toBeUndefined()
    const removal = { command: 'CLEARMSG', text: '', trailing: 'bad : words' }
    const removed = { ...removal, username: '', displayName: '' }
    const tags = { 'target-msg-id': 'm1', login: 'icemad' }
    expect(lineOf(message({ ...removed, tags }))).toMatchObject({
      type: 'removal',
      user: { login: 'icemad', name: 'icemad' },
      removedId: 'm1',
      text: 'bad : words',
    })
  })

  it('is a notice, the settings of the chat, or of the ledger', () => {
    const notice = message({ command: 'NOTICE', text: '', trailing: 'Slow mode is on' })
    expect(lineOf(notice)).toMatchObject({ type: 'notice', systemText: 'Slow mode is on' })
    const state = { command: 'ROOMSTATE', text: '', trailing: '' }
    const tags = { slow: '30', 'followers-only': '-1' }
    expect(lineOf(message({ ...state, tags })).systemText).toBe(
      'Chat settings: followers-only off, slow 30',
    )
    expect(lineOf(message({ command: 'GAP', text: 'a gap' }))).toMatchObject({
      type: 'ledger',
      systemText: 'a gap',
    })
  })

  it('answers to a message, and may be a copy from another channel', () => {
    const tags = {
      'reply-parent-msg-id': 'm1',
      'reply-parent-display-name': 'Nym',
      'reply-parent-msg-body': 'why',
      'room-id': '1',
      'source-room-id': '2',
    }
    expect(lineOf(message({ tags }))).toMatchObject({
      reply: { messageId: 'm1', name: 'Nym', text: 'why' },
      isShared: true,
    })
  })

  it('without an id is known by the line itself', () => {
    const one = message({ id: '', raw: ':x CLEARCHAT #pogfox :a' })
    expect(lineOf(one).key).toBe(lineOf({ ...one }).key)
    expect(lineOf(one).key).not.toBe(lineOf({ ...one, raw: ':x CLEARCHAT #pogfox :b' }).key)
  })
})

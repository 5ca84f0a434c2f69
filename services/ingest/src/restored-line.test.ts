import { recordFromLine } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { markRestored, readRestoredLine } from './restored-line.ts'

const CHANNEL = { login: 'alpha', channelId: '11' }
const ID = '00000000-0000-4000-8000-000000000001'
const TAGS = `color;id=${ID};room-id=11;tmi-sent-ts=5000;user-id=7`
const CHAT = `:u!u@u.tmi.twitch.tv PRIVMSG #alpha :hello  world `
const ADDED = 'historical=1;rm-received-ts=5100'

const state = (tags: string) =>
  readRestoredLine(`@${ADDED};${tags};room-id=11 :tmi.twitch.tv ROOMSTATE #alpha`, CHANNEL)

describe('markRestored', () => {
  it('keeps what the service says of its receiving, and not what it concluded', () => {
    expect(markRestored(`@${ADDED};rm-deleted=1;${TAGS} ${CHAT}`)).toBe(`@${ADDED};${TAGS} ${CHAT}`)
    expect(markRestored(`@rm-deleted;${TAGS};${ADDED} ${CHAT}`)).toBe(`@${TAGS};${ADDED} ${CHAT}`)
  })

  it('marks what the service did not mark, so that nobody takes it for a line of ours', () => {
    expect(markRestored(`@${TAGS} ${CHAT}`)).toBe(`@historical=1;${TAGS} ${CHAT}`)
    expect(markRestored(`@historical;${TAGS} ${CHAT}`)).toBe(`@historical=1;${TAGS} ${CHAT}`)
    expect(markRestored(CHAT)).toBe(`@historical=1 ${CHAT}`)
  })
})

describe('readRestoredLine', () => {
  it('gives a restored line the key of the one Twitch sent, so that it is one record (I2)', () => {
    const live = [
      `@badges=;${TAGS} ${CHAT}`,
      '@ban-duration=9;room-id=11;target-user-id=7;tmi-sent-ts=5000 :tmi.twitch.tv CLEARCHAT #alpha :u',
      `@login=u;room-id=;target-msg-id=${ID};tmi-sent-ts=5000 :tmi.twitch.tv CLEARMSG #alpha :x`,
      '@msg-id=slow_on :tmi.twitch.tv NOTICE #alpha :slow mode',
    ]
    const context = { channelId: '11', receivedAtMs: 1 }
    for (const raw of live) {
      const restored = readRestoredLine(raw.replace('@', `@${ADDED};`), CHANNEL)
      expect(restored?.line.key).toBe(recordFromLine(raw, context)?.key)
    }
  })

  it('takes the time of its receiving where the line does not say when it was sent', () => {
    const notice = ':tmi.twitch.tv NOTICE #alpha :slow mode'
    expect(readRestoredLine(`@${ADDED};msg-id=x ${notice}`, CHANNEL)).toMatchObject({
      timeMs: 5100,
      serviceMs: 5100,
      line: { channelId: '11', sentAtMs: 5100, type: 'NOTICE' },
    })
    expect(readRestoredLine(`@historical=1;msg-id=x ${notice}`, CHANNEL)).toBeUndefined()
  })

  it('tells a join of the service from a change of the settings', () => {
    expect(state('emote-only=0;followers-only=-1;r9k=0;slow=0;subs-only=0')?.isJoin).toBe(true)
    expect(state('slow=30')?.isJoin).toBe(false)
  })

  it('says whose message a CLEARMSG is about by the login only', () => {
    const raw = `@${ADDED};login=u;target-msg-id=${ID};tmi-sent-ts=1 :tmi.twitch.tv CLEARMSG #alpha :x`
    expect(readRestoredLine(raw, CHANNEL)).toMatchObject({ login: 'u', line: { userId: '' } })
  })

  it.each([
    ['another channel by id', `@${ADDED};${TAGS.replace('room-id=11', 'room-id=12')} ${CHAT}`],
    ['another channel by name', `@${ADDED};${TAGS} ${CHAT.replace('#alpha', '#beta')}`],
    ['no channel', `@${ADDED};msg-id=x :tmi.twitch.tv NOTICE * :hi`],
    ['a record of our own', `@${ADDED};replica=r;room-id=11;run=1 :poglog PRESENCE #alpha :joined`],
    ['a gap of our own', `@${ADDED};from=1;lines=1;room-id=11 :poglog GAP #alpha :dropped`],
    ['a command we do not log', `@${ADDED};room-id=11 :u!u@u PART #alpha`],
    ['two lines', `@${ADDED};${TAGS} ${CHAT}\r\n${CHAT}`],
    ['a line beyond any limit', `@${ADDED};${TAGS} ${CHAT}${'x'.repeat(70_000)}`],
    ['nothing', ''],
  ])('takes nothing that is %s (S1)', (_, text) => {
    expect(readRestoredLine(text, CHANNEL)).toBeUndefined()
  })
})

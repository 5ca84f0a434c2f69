import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LINES, PRIVMSG, USER_NOTICES } from '../test/fixtures.ts'
import { parseMessage } from './parse-message.ts'
import { parseRouting } from './routing.ts'

/** The message of the fixture that has this in it, checked to be of that command. */
function messageWith(piece: string): ReturnType<typeof parseMessage> {
  return parseMessage(LINES.find((line) => line.includes(piece)) ?? '')
}

function eventsOf(kind: string): unknown[] {
  return USER_NOTICES.map(parseMessage).flatMap((message) =>
    message?.command === 'USERNOTICE' && message.event.kind === kind ? [message.event] : [],
  )
}

describe('parseMessage', () => {
  it('reads a chat message', () => {
    expect(parseMessage(PRIVMSG)).toMatchObject({
      command: 'PRIVMSG',
      verb: 'PRIVMSG',
      channel: 'pixelpond',
      channelId: '1001',
      userId: '2002',
      login: 'mara',
      displayName: 'Mara',
      color: '#1E90FF',
      badges: [
        { name: 'moderator', version: '1' },
        { name: 'subscriber', version: '12' },
      ],
      badgeInfo: [{ name: 'subscriber', version: '14' }],
      isModerator: true,
      isSubscriber: true,
      isTurbo: false,
      isVip: false,
      userType: 'mod',
      text: 'Kappa hello there',
      isAction: false,
      emotes: [{ id: '25', start: 0, end: 5 }],
      bits: undefined,
      messageType: undefined,
      isFirstMessage: false,
      isReturningChatter: false,
      reply: undefined,
      sharedChat: undefined,
      pinnedChat: undefined,
    })
  })

  it('unwraps an action and reads every flag', () => {
    expect(messageWith('ACTION :) waves')).toMatchObject({
      command: 'PRIVMSG',
      text: ':) waves',
      isAction: true,
      isEmoteOnly: true,
      isFirstMessage: true,
      isTurbo: true,
      isVip: true,
      messageType: 'highlighted-message',
      customRewardId: 'bb',
      clientNonce: 'aa',
      sharedChat: { sourceChannelId: '5005', sourceId: 'cc', sourceBadges: [], isSourceOnly: true },
    })
  })

  it('unwraps an action whose end is missing', () => {
    expect(parseMessage('PRIVMSG #a :\u0001ACTION waves')).toMatchObject({
      text: 'waves',
      isAction: true,
    })
    expect(parseMessage('PRIVMSG #a :ACTION waves')).toMatchObject({ isAction: false })
  })

  it('reads bits', () => {
    expect(messageWith('cheer100')).toMatchObject({ bits: 100 })
  })

  it('reads what a reply answers, unescaped', () => {
    expect(messageWith('reply-parent')).toMatchObject({
      reply: {
        parentId: 'dd',
        parentUserId: '3003',
        parentLogin: 'tom',
        parentDisplayName: 'Tom',
        parentText: 'what is it;\\',
        threadParentId: 'ee',
        threadParentUserId: '4004',
        threadParentLogin: 'ann',
        threadParentDisplayName: 'Ann',
      },
    })
  })

  it('reads a paid message', () => {
    const pinnedChat = { amount: 200, currency: 'EUR', exponent: 2, level: 'ONE' }
    expect(messageWith('pinned-chat')).toMatchObject({
      pinnedChat: { ...pinnedChat, isSystemMessage: true },
    })
    expect(parseMessage('@pinned-chat-paid-amount=5 PRIVMSG #a :b')).toMatchObject({
      pinnedChat: { amount: 5, currency: '', exponent: 0, level: '', isSystemMessage: false },
    })
  })

  it('bears messages without tags and without text', () => {
    expect(parseMessage('PRIVMSG #a')).toMatchObject({
      text: '',
      userId: '',
      displayName: '',
      color: undefined,
      badges: [],
      emotes: [],
    })
    expect(parseMessage('@color= PRIVMSG #a')).toMatchObject({ color: undefined })
  })

  it('reads timeouts and bans', () => {
    const tom = { command: 'CLEARCHAT', targetUserId: '3003', targetLogin: 'tom' }
    expect(messageWith('ban-duration')).toMatchObject({
      ...tom,
      action: 'timeout',
      durationSeconds: 600,
    })
    expect(messageWith('@room-id=1001;target-user-id')).toMatchObject({
      ...tom,
      action: 'ban',
      durationSeconds: undefined,
    })
  })

  it('reads a cleared chat', () => {
    const line = LINES.find((known) => known.endsWith('CLEARCHAT #pixelpond')) ?? ''
    const cleared = {
      action: 'clear',
      targetUserId: '',
      targetLogin: '',
      durationSeconds: undefined,
    }
    expect(parseMessage(line)).toMatchObject(cleared)
    expect(parseMessage('@ban-duration=5 CLEARCHAT #a')).toMatchObject(cleared)
    expect(parseMessage('CLEARCHAT #a :tom')).toMatchObject({ action: 'ban', targetLogin: 'tom' })
  })

  it('reads a deleted message', () => {
    expect(messageWith('bad word')).toMatchObject({
      command: 'CLEARMSG',
      login: 'tom',
      targetMessageId: 'ff',
      text: 'bad word',
      isAction: false,
    })
    expect(parseMessage('CLEARMSG #a')).toMatchObject({ login: '', text: '' })
  })

  it('reads notices', () => {
    expect(messageWith('slow_on')).toMatchObject({ command: 'NOTICE', messageType: 'slow_on' })
    expect(messageWith('NOTICE *')).toMatchObject({
      channel: '',
      messageType: undefined,
      text: 'Login authentication failed',
      targetUserId: undefined,
    })
    expect(parseMessage('@target-user-id=5 NOTICE')).toMatchObject({ text: '', targetUserId: '5' })
  })

  it('reads all modes of a channel, and those that changed', () => {
    expect(messageWith('subs-only')).toMatchObject({
      command: 'ROOMSTATE',
      isEmoteOnly: false,
      followersOnlyMinutes: -1,
      isUnique: false,
      slowSeconds: 0,
      isSubscribersOnly: true,
    })
    expect(messageWith('slow=30')).toMatchObject({
      isEmoteOnly: undefined,
      followersOnlyMinutes: undefined,
      slowSeconds: 30,
      isSubscribersOnly: undefined,
    })
    expect(parseMessage('@followers-only=x ROOMSTATE #a')).toMatchObject({
      followersOnlyMinutes: undefined,
    })
  })

  it('reads the states of the connected user', () => {
    expect(messageWith(' USERSTATE')).toMatchObject({
      command: 'USERSTATE',
      emoteSets: ['0', '300', '9f'],
      id: '0f1e2d3c-4b5a-4697-8879-6a5b4c3d2e1f',
    })
    expect(parseMessage('USERSTATE #a')).toMatchObject({ emoteSets: [], id: undefined })
    expect(messageWith('GLOBALUSERSTATE')).toMatchObject({ userId: '2002', emoteSets: ['0'] })
  })

  it('reads a whisper', () => {
    expect(messageWith('WHISPER')).toMatchObject({
      command: 'WHISPER',
      login: 'mara',
      recipientLogin: 'tom',
      id: '7',
      threadId: '2002_3003',
      text: 'psst, Kappa',
      emotes: [{ id: '25', start: 6, end: 11 }],
    })
    expect(parseMessage('WHISPER')).toMatchObject({ recipientLogin: '', text: '' })
  })

  it('reads who is hosted', () => {
    expect(messageWith('otherpond')).toMatchObject({ hostedLogin: 'otherpond', viewers: 12 })
    expect(messageWith(':- -')).toMatchObject({ hostedLogin: undefined, viewers: undefined })
    expect(parseMessage('HOSTTARGET #a other')).toMatchObject({ hostedLogin: 'other' })
    expect(parseMessage('HOSTTARGET #a')).toMatchObject({ hostedLogin: undefined })
  })

  it('reads who came and went', () => {
    expect(messageWith('JOIN')).toMatchObject({
      command: 'JOIN',
      login: 'mara',
      channel: 'pixelpond',
    })
    expect(messageWith('PART')).toMatchObject({ command: 'PART', login: 'mara' })
  })

  it('reads what concerns the connection', () => {
    expect(messageWith('RECONNECT')).toMatchObject({ command: 'RECONNECT' })
    expect(messageWith('CAP')).toMatchObject({
      command: 'CAP',
      subcommand: 'ACK',
      capabilities: ['twitch.tv/tags', 'twitch.tv/commands'],
    })
    expect(parseMessage('CAP')).toMatchObject({ subcommand: '', capabilities: [] })
    expect(messageWith('PING')).toMatchObject({ command: 'PING', text: 'tmi.twitch.tv' })
    expect(messageWith('PONG')).toMatchObject({ command: 'PONG', text: '1795250000' })
    expect(parseMessage(':tmi.twitch.tv PING')).toMatchObject({ text: undefined })
    expect(messageWith(' 001 ')).toMatchObject({ command: 'NUMERIC', code: 1, verb: '001' })
    expect(messageWith(' 353 ')).toMatchObject({ code: 353, text: 'justinfan1' })
    expect(messageWith('SOMETHINGNEW')).toMatchObject({ command: 'OTHER', verb: 'SOMETHINGNEW' })
  })

  it('reads subscriptions', () => {
    const plan = { plan: '1000', planName: 'The Pond' }
    expect(eventsOf('sub')).toEqual([
      { kind: 'sub', ...plan, cumulativeMonths: 1, streakMonths: undefined, wasGifted: false },
    ])
    expect(eventsOf('resub')).toEqual([
      { kind: 'resub', ...plan, cumulativeMonths: 14, streakMonths: 3, wasGifted: true },
    ])
    expect(eventsOf('primepaidupgrade')).toEqual([{ kind: 'primepaidupgrade', ...plan }])
  })

  it('reads gifts, anonymous or not', () => {
    const recipient = { userId: '3003', login: 'tom', displayName: 'Tom' }
    expect(eventsOf('subgift')).toMatchObject([
      { isAnonymous: false, recipient, cumulativeMonths: 5, giftMonths: 1, senderCount: 9 },
      { isAnonymous: true, recipient, senderCount: undefined },
    ])
    expect(eventsOf('submysterygift')).toMatchObject([
      { isAnonymous: false, giftCount: 20, senderCount: 100, plan: '1000' },
      { isAnonymous: true, giftCount: 5, plan: '2000' },
    ])
    expect(parseMessage('@msg-id=subgift;user-id=274598607 USERNOTICE #a')).toMatchObject({
      event: { kind: 'subgift', isAnonymous: true },
    })
    expect(eventsOf('giftpaidupgrade')).toEqual([
      {
        kind: 'giftpaidupgrade',
        isAnonymous: false,
        giver: { userId: '', login: 'tom', displayName: 'Tom' },
        promoName: undefined,
        promoGiftTotal: undefined,
      },
      {
        kind: 'giftpaidupgrade',
        isAnonymous: true,
        giver: { userId: '', login: '', displayName: '' },
        promoName: 'Autumn Sale',
        promoGiftTotal: 4003,
      },
    ])
    expect(eventsOf('standardpayforward')).toMatchObject([
      { isPriorGiverAnonymous: true, priorGiver: { login: 'ann' }, recipient },
    ])
    expect(eventsOf('communitypayforward')).toMatchObject([{ isPriorGiverAnonymous: false }])
  })

  it('reads the other events', () => {
    expect(eventsOf('raid')).toEqual([
      {
        kind: 'raid',
        raider: { userId: '2002', login: 'mara', displayName: 'Mara' },
        viewers: 321,
      },
      { kind: 'raid', raider: { userId: '2002', login: '', displayName: '' }, viewers: 7 },
    ])
    expect(parseMessage('@msg-id=raid USERNOTICE #a')).toMatchObject({
      event: { raider: { userId: '' } },
    })
    expect(eventsOf('announcement')).toEqual([{ kind: 'announcement', color: 'PRIMARY' }])
    expect(parseMessage('@msg-id=announcement USERNOTICE #a')).toMatchObject({
      event: { color: 'PRIMARY' },
    })
    expect(eventsOf('ritual')).toEqual([{ kind: 'ritual', name: 'new_chatter' }])
    expect(eventsOf('bitsbadgetier')).toEqual([{ kind: 'bitsbadgetier', threshold: 5000 }])
    expect(eventsOf('viewermilestone')).toEqual([
      { kind: 'viewermilestone', category: 'watch-streak', value: 5, channelPoints: 450 },
    ])
    expect(eventsOf('charitydonation')).toEqual([
      { kind: 'charitydonation', charityName: 'Dogs', amount: 500, currency: 'USD', exponent: 2 },
    ])
    expect(eventsOf('other')).toEqual([{ kind: 'other' }])
  })

  it('tells what happened in the source channel of a shared chat notice', () => {
    expect(messageWith('sharedchatnotice')).toMatchObject({
      messageType: 'sharedchatnotice',
      event: { kind: 'raid', viewers: 7 },
      sharedChat: { sourceMessageType: 'raid', sourceChannelId: '5005' },
      systemMessage: 'Mara did it!',
      text: undefined,
    })
  })

  it('reads nothing where parseRouting does not', () => {
    expect(parseMessage('@a=b')).toBeUndefined()
  })

  it('agrees with parseRouting on any words', () => {
    const word = fc.constantFrom(
      '@id=1;room-id=2',
      '@tmi-sent-ts=3',
      ':a!b@c',
      ':tmi.twitch.tv',
      'PRIVMSG',
      'notice',
      '001',
      'CLEARCHAT',
      'USERNOTICE',
      'WHISPER',
      'PING',
      '#a',
      ':b c',
      '',
      'JOIN',
      ':',
      '@',
      '\r\n',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 7 }), (words) => {
        const line = words.join(' ')
        const message = parseMessage(line)
        const routing = parseRouting(line)
        expect(message === undefined).toBe(routing === undefined)
        if (message === undefined || routing === undefined) return
        expect(message.verb.toUpperCase()).toBe(routing.command)
        const { channel, channelId, sentAtMs, raw } = routing
        expect(message).toMatchObject({ channel, channelId, sentAtMs, raw })
        expect(message.params.length < 2 ? undefined : message.params.at(-1)).toBe(routing.text)
      }),
      { numRuns: 2000 },
    )
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roomIdOf, routeLine } from './line-route.ts'

describe('routeLine', () => {
  it.each([
    ['@a=b;room-id=5 :x!x@x.tmi.twitch.tv PRIVMSG #Some_Channel :hi #other', 'some_channel'],
    [':tmi.twitch.tv CLEARCHAT #a', 'a'],
    ['PRIVMSG #a :hi', 'a'],
    ['@a  :x   NOTICE   #a :two spaces', 'a'],
    [':x JOIN :#a', 'a'],
  ])('sends %j to the channel it names', (line, channel) => {
    expect(routeLine(line)).toMatchObject({ to: 'channel', channel })
  })

  it.each([
    ':tmi.twitch.tv RECONNECT',
    ':tmi.twitch.tv CAP * NAK :x',
    ':tmi.twitch.tv 376 nick :>',
    ':tmi.twitch.tv NOTICE * :Login authentication failed',
  ])('keeps %j back, which would end the session of a client', (line) => {
    expect(routeLine(line).to).toBe('withheld')
  })

  it.each([
    'PING :tmi.twitch.tv',
    '@a=b :tmi.twitch.tv GLOBALUSERSTATE',
    '@',
    '',
    'garbage',
    ':x PRIVMSG #ünicode :nobody can join that',
    ':x PRIVMSG # :nor that',
  ])('sends %j, which has no channel, to everyone', (line) => {
    expect(routeLine(line).to).toBe('everyone')
  })

  it('takes any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (line) => {
        expect(routeLine(line).to).toMatch(/^(?:channel|everyone|withheld)$/)
        expect(roomIdOf(line)).toMatch(/^\d*$/)
      }),
    )
  })
})

describe('roomIdOf', () => {
  it.each([
    ['@room-id=12;x=y :s C #a', '12'],
    ['@x=y;room-id=12 :s C #a', '12'],
    ['@x=y;source-room-id=9;room-id=12 C', '12'],
    ['@source-room-id=9 C', ''],
    ['@room-id=;x=y :s C #a', ''],
    ['@room-id=a12 :s C #a', ''],
    ['@x=y :s PRIVMSG #a :;room-id=12', ''],
    [':s C #a', ''],
  ])('finds in %j the id %j', (line, roomId) => {
    expect(roomIdOf(line)).toBe(roomId)
  })
})

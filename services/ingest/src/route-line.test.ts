import { describe, expect, it } from 'vitest'
import { routeLine } from './route-line.ts'

describe('routeLine', () => {
  it.each([
    ['@id=1 :a!a@a PRIVMSG #c :hi', 'log'],
    [':a!a@a PRIVMSG #c :RECONNECT', 'log'],
    [':tmi.twitch.tv CLEARCHAT #c', 'log'],
    [':tmi.twitch.tv NOTICE #c :x', 'both'],
    [':tmi.twitch.tv NOTICE * :Login authentication failed', 'control'],
    [':tmi.twitch.tv RECONNECT', 'reconnect'],
    ['RECONNECT', 'reconnect'],
    ['PING :tmi.twitch.tv', 'control'],
    [':tmi.twitch.tv PONG tmi.twitch.tv :poglog-7', 'pong'],
    [':a!a@a PRIVMSG #c :PONG', 'log'],
    [':tmi.twitch.tv 001 justinfan1 :Welcome, GLHF!', 'control'],
    [':a!a@a JOIN #c', 'control'],
    [':a!a@a PART #c', 'part'],
    ['', 'control'],
    [':', 'control'],
  ])('sends %j to %s', (line, to) => {
    expect(routeLine(line)).toBe(to)
  })
})

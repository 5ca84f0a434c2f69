import { describe, expect, it } from 'vitest'
import { DAY_MS, START_MS } from './chat.ts'
import { FactCounter, wordInLine } from './facts.ts'

const HOME = '100'

function message(text: string, { user = '7', more = '', room = HOME } = {}): string {
  return `@badges=;id=x;room-id=${room};${more}user-id=${user} :a!a@a PRIVMSG #home :${text}`
}

function factsOf(lines: readonly string[], sentAtMs = START_MS) {
  const counter = new FactCounter(1)
  for (const line of lines) {
    counter.add(line, { channelId: /room-id=(\d+)/.exec(line)?.[1] ?? HOME, sentAtMs })
  }
  return counter.finish()
}

describe('FactCounter', () => {
  it('counts words by case, with an ACTION unwrapped, and only where they were written', () => {
    const { words, messages, topWords } = factsOf([
      message('KEKW kekw  KEKW!'),
      message('\u0001ACTION KEKW\u0001'),
      message('KEKW', { more: `source-room-id=${HOME};` }),
      message('KEKW', { more: 'source-room-id=200;' }),
    ])
    expect(words[0]).toEqual({ word: 'KEKW', count: 3 })
    expect(messages).toBe(3)
    expect(topWords[0]).toEqual({ word: 'KEKW', count: 3 })
  })

  it('gives a ban to its target, and a reply to who wrote it', () => {
    const ban = `@room-id=${HOME};target-user-id=9;tmi-sent-ts=1 :tmi.twitch.tv CLEARCHAT #home :b`
    const { regular, chatters } = factsOf([
      message('hi', { user: '9', more: 'reply-parent-user-id=8;' }),
      ban,
      ban,
    ])
    expect(regular).toEqual({ userId: '9', inChannel: 3, overall: 3 })
    expect(chatters).toBe(1)
  })

  it('takes the busiest channel, and only what was sent on the day', () => {
    const counter = new FactCounter(3)
    const day = START_MS + DAY_MS
    for (const sentAtMs of [day - 1, day, day + DAY_MS - 1, day + DAY_MS]) {
      counter.add(message('x'), { channelId: HOME, sentAtMs })
    }
    counter.add(message('x', { room: '200' }), { channelId: '200', sentAtMs: day })
    const facts = counter.finish()
    expect([facts.channelId, facts.lines, facts.day]).toEqual([
      HOME,
      5,
      { startMs: day, shown: 2, deletions: 0 },
    ])
    expect(facts.regular).toEqual({ userId: '7', inChannel: 4, overall: 5 })
  })
})

describe('wordInLine', () => {
  it('counts whole words of a line', () => {
    expect(wordInLine(message('Pog Pogs Pog'), 'Pog', HOME)).toBe(2)
    expect(wordInLine(message('x', { more: 'client-nonce=Pog;' }), 'Pog', HOME)).toBe(0)
  })
})

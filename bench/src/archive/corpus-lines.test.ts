import { recordFromLine } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { corpusLines } from './corpus-lines.ts'

const PLAN = { startMs: 1_000_000, messagesPerSecond: 2 }
const LINES = [
  '@id=11111111-2222-3333-4444-555555555555;room-id=5;tmi-sent-ts=7;user-id=1 :a!a@a PRIVMSG #c :one',
  '@login=a;room-id=;target-msg-id=11111111-2222-3333-4444-555555555555;tmi-sent-ts=8 :t CLEARMSG #c :one',
  '@room-id=5;target-user-id=1;tmi-sent-ts=9 :tmi.twitch.tv CLEARCHAT #c :a',
  ':tmi.twitch.tv NOTICE #c :no time',
]

function take(count: number) {
  return [...corpusLines(`${LINES.join('\r\n')}\n`, PLAN).take(count)]
}

describe('corpusLines', () => {
  it('repeats the lines at an even rate, each with its new time', () => {
    const lines = take(4)
    expect(lines.map(({ sentAtMs }) => sentAtMs)).toEqual([
      1_000_000, 1_000_500, 1_001_000, 1_001_500,
    ])
    for (const { raw, sentAtMs } of lines) expect(raw).toContain(`tmi-sent-ts=${sentAtMs}`)
  })

  it('gives every repetition another id, and leaves the ids of others alone', () => {
    const records = take(300).map(({ raw }) =>
      recordFromLine(raw, { channelId: '5', receivedAtMs: 1 }),
    )
    expect(new Set(records.map((record) => record?.key)).size).toBe(300)
    const texts = take(4).map(({ raw }) => raw.replace(/tmi-sent-ts=\d+/, ''))
    expect(texts[0]).not.toBe(texts[2])
    expect(texts[1]).toBe(texts[1 + 2])
  })

  it('refuses a file without a time in it', () => {
    expect(() => [...corpusLines('hello', PLAN).take(1)]).toThrow('no line')
  })
})

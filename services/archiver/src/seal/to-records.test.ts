import type { HotEntry } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { toRecords } from './to-records.ts'

const ID = '4f0c7f9e-0000-4000-8000-00000000000'

describe('toRecords', () => {
  it('sorts by channel, sent time and key', () => {
    const { records } = toRecords(
      new Map([
        ['20', [chat('20', { id: 3, sentAtMs: 9 })]],
        ['100', [chat('100', { id: 2, sentAtMs: 5 }), chat('100', { id: 1, sentAtMs: 5 })]],
      ]),
    )
    expect(
      records.map(({ channelId, sentAtMs, key }) => [channelId, sentAtMs, key.at(-1)]),
    ).toEqual([
      ['100', 5, '1'],
      ['100', 5, '2'],
      ['20', 9, '3'],
    ])
  })

  it('keeps the first of equal records (I2)', () => {
    const first = chat('1', { id: 1, sentAtMs: 5, receivedAtMs: 10, text: 'first' })
    const again = chat('1', { id: 1, sentAtMs: 5, receivedAtMs: 20, text: 'again' })
    const { records, equal } = toRecords(new Map([['1', [first, again]]]))
    expect(equal).toBe(1)
    expect(records.map(({ raw }) => raw)).toEqual([first.raw])
  })

  it('keeps records apart that share a key but not a sent time', () => {
    const one = chat('1', { id: 1, sentAtMs: 5 })
    const two = chat('1', { id: 1, sentAtMs: 6 })
    expect(toRecords(new Map([['1', [one, two]]])).records).toHaveLength(2)
  })

  it('takes channel, user and sent time from what Redis stored, as readers of hot do', () => {
    const entry = { ...chat('1', { id: 1, sentAtMs: 5 }), userId: '77', sentAtMs: 6 }
    expect(toRecords(new Map([['1', [entry]]])).records).toMatchObject([
      { channelId: '1', userId: '77', sentAtMs: 6 },
    ])
  })

  it('keeps a line that does not parse, and tells (S1)', () => {
    const entry = { ...chat('1', { id: 1, sentAtMs: 5 }), raw: '@@@ \u0000' }
    const { records, unparsed } = toRecords(new Map([['1', [entry]]]))
    expect(unparsed).toBe(1)
    expect(records).toMatchObject([{ raw: entry.raw, sentAtMs: 5, type: 'PRIVMSG' }])
    expect(records[0]?.key).toMatch(/^[0-9a-f]{32}$/)
  })
})

interface Chat {
  readonly id: number
  readonly sentAtMs: number
  readonly receivedAtMs?: number
  readonly text?: string
}

function chat(
  channelId: string,
  { id, sentAtMs, receivedAtMs = 1000, text = 'hi' }: Chat,
): HotEntry {
  const tags = `id=${ID}${id};room-id=${channelId};tmi-sent-ts=${sentAtMs};user-id=7`
  const raw = `@${tags} :a!a@a.tmi.twitch.tv PRIVMSG #c :${text}`
  const streamId = `${receivedAtMs}-0`
  return { id: streamId, channelId, receivedAtMs, sentAtMs, userId: '7', type: 'PRIVMSG', raw }
}

import type { LogRecord } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { RecordReader } from './record-reader.ts'
import type { ReaderContext } from './record-reader.ts'
import { newTally } from './tally.ts'

const SENT_MS = Date.UTC(2024, 2, 1)
const NOW_MS = Date.UTC(2026, 10, 21)
const DAY_MS = 86_400_000

function message(tags: string, text = 'hi'): string {
  return `@${tags} :ann!ann@ann.tmi.twitch.tv PRIVMSG #big :${text}`
}

async function read(
  lines: readonly string[],
  { names = {}, ...context }: ReaderContext & { names?: Record<string, string> } = {},
) {
  const tally = newTally()
  const rejected: [number, string][] = []
  const asked: string[][] = []
  const reader = new RecordReader({
    tally,
    reject: ({ number }, reason) => rejected.push([number, reason]),
    nowMs: () => NOW_MS,
    async lookUpIds(logins) {
      asked.push([...logins])
      return new Map(Object.entries(names).filter(([login]) => logins.includes(login)))
    },
  })
  async function* batch() {
    yield lines.map((text, index) => ({ number: index + 1, text, problem: undefined }))
  }
  const records: LogRecord[] = []
  for await (const some of reader.read(batch(), context)) records.push(...some)
  return { records, rejected, tally, asked, reader }
}

describe('RecordReader', () => {
  it('keeps a line as it is, received when it was sent', async () => {
    const raw = message(`room-id=30;tmi-sent-ts=${SENT_MS};user-id=5`)
    const { records } = await read([`${raw}\r`])
    expect(records).toMatchObject([
      {
        raw,
        channelId: '30',
        channelLogin: 'big',
        userId: '5',
        sentAtMs: SENT_MS,
        receivedAtMs: SENT_MS,
      },
    ])
  })

  it('takes the receive time of recent-messages, and its tags off', async () => {
    const raw = message(`room-id=30;tmi-sent-ts=${SENT_MS};user-id=5`)
    const { records } = await read([
      raw.replace('@', `@historical=1;rm-received-ts=${SENT_MS + 7};`),
    ])
    expect(records).toMatchObject([{ raw, sentAtMs: SENT_MS, receivedAtMs: SENT_MS + 7 }])
  })

  it('counts what is no chat, and rejects what is no IRC', async () => {
    const { records, rejected, tally } = await read([
      'PING :tmi.twitch.tv',
      ':ann!ann@ann.tmi.twitch.tv JOIN #big',
      ':tmi.twitch.tv NOTICE * :Login unsuccessful',
      '[2024-03-01 00:00:00] #big ann: hi',
      `@room-id=30;tmi-sent-ts=${SENT_MS} :poglog PRESENCE #big :joined`,
      `@room-id=30;tmi-sent-ts=${SENT_MS} :ann!ann@ann PRIVMSG big :no channel`,
    ])
    expect(records).toEqual([])
    expect(tally.skipped).toBe(4)
    expect(rejected).toEqual([
      [4, 'malformed'],
      [6, 'malformed'],
    ])
  })

  it('gives a line without a sent time that of the line before', async () => {
    const { records, rejected, tally } = await read([
      '@room-id=30 :tmi.twitch.tv CLEARCHAT #big :bob',
      message(`room-id=30;tmi-sent-ts=${SENT_MS};user-id=5`),
      '@room-id=30 :tmi.twitch.tv CLEARCHAT #big :bob',
    ])
    expect(records.map(({ sentAtMs }) => sentAtMs)).toEqual([SENT_MS, SENT_MS])
    expect(rejected).toEqual([[1, 'no-time']])
    expect(tally.untimed).toBe(1)
  })

  it('rejects sent times that cannot be', async () => {
    const times = [0, Date.UTC(2006, 0, 1), NOW_MS + 2 * DAY_MS, NOW_MS]
    const { records, rejected } = await read(
      times.map((sentMs) => message(`room-id=30;tmi-sent-ts=${sentMs};user-id=5`)),
    )
    expect(records).toHaveLength(1)
    expect(rejected.map(([, reason]) => reason)).toEqual(Array(3).fill('impossible-time'))
  })

  it('takes the channel of the caller, else that of another line, else the one it knows', async () => {
    const bare = message(`tmi-sent-ts=${SENT_MS};user-id=5`)
    const given = await read([bare], { channelId: '30' })
    expect(given.records).toMatchObject([{ channelId: '30' }])

    const told = await read([bare, '@room-id=31 :tmi.twitch.tv ROOMSTATE #big'], {
      names: { big: '99' },
    })
    expect(told.records.map(({ channelId }) => channelId)).toEqual(['31', '31'])

    const known = await read([bare], { names: { big: '99' } })
    expect(known.records).toMatchObject([{ channelId: '99' }])

    const unknown = await read([bare])
    expect(unknown.rejected).toEqual([[1, 'no-channel-id']])
  })

  it('finds the user of a CLEARMSG, asking once for all that wait', async () => {
    const deleted = (login: string): string =>
      `@login=${login};room-id=30;target-msg-id=1;tmi-sent-ts=${SENT_MS} :tmi.twitch.tv CLEARMSG #big :hi`
    const lines = [
      message(`room-id=30;tmi-sent-ts=${SENT_MS};user-id=5`),
      deleted('ann'),
      deleted('bob'),
      deleted('cat'),
    ]
    const { records, asked } = await read(lines, { names: { bob: '6' } })
    expect(records.map(({ userId }) => userId)).toEqual(['5', '5', '6', ''])
    expect(asked).toEqual([['bob', 'cat']])
  })

  it('learns no login from the text of a message without a sender', async () => {
    const lines = [
      `@room-id=30;tmi-sent-ts=${SENT_MS};user-id=666 PRIVMSG #big :alice! hello`,
      `@room-id=30;tmi-sent-ts=${SENT_MS};user-id=666 :ali ce!x@x PRIVMSG #big :hello`,
      `@login=alice;room-id=30;target-msg-id=1;tmi-sent-ts=${SENT_MS} :tmi.twitch.tv CLEARMSG #big :x`,
    ]
    const { records } = await read(lines, { names: { alice: '7' } })
    expect(records.find(({ type }) => type === 'CLEARMSG')?.userId).toBe('7')
  })

  it('takes a channel whose name only looks like another for another', async () => {
    const lines = [
      `@room-id=999;tmi-sent-ts=${SENT_MS};user-id=5 :x!x@x PRIVMSG #\u0166orsen :hi`,
      `@login=x;target-msg-id=1;tmi-sent-ts=${SENT_MS} :tmi.twitch.tv CLEARMSG #forsen :x`,
    ]
    const { records } = await read(lines, { names: { forsen: '30' } })
    expect(records.find(({ type }) => type === 'CLEARMSG')?.channelId).toBe('30')
  })

  it('hands out what waits before it fails', async () => {
    const { reader } = await read([])
    const found: LogRecord[] = []
    const reading = async (): Promise<void> => {
      for await (const records of reader.read(failing(), {})) found.push(...records)
    }
    await expect(reading()).rejects.toThrow('cut off')
    expect(found).toHaveLength(1)
  })

  it('leaves out what the unit is not read for', async () => {
    const lines = [SENT_MS, SENT_MS + DAY_MS].map((sentMs) =>
      message(`room-id=30;tmi-sent-ts=${sentMs};user-id=5`),
    )
    const { records, tally } = await read(lines, { takes: (sentMs) => sentMs > SENT_MS })
    expect(records).toHaveLength(1)
    expect(tally.skipped).toBe(1)
  })
})

async function* failing() {
  const text = `@login=bob;room-id=30;target-msg-id=1;tmi-sent-ts=${SENT_MS} :tmi.twitch.tv CLEARMSG #big :x`
  yield [{ number: 1, text, problem: undefined }]
  throw new Error('cut off')
}

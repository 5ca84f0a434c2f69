import type { Erased } from '@poglog/hot-store'
import { recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import * as fc from 'fast-check'
import { lineOf } from './lines.ts'

export const CHAT_START_MS = Date.UTC(2026, 10, 20, 22)
const STEP_MS = 600_000
const STEPS = 24
const WORDS = ['Pog', 'pog', 'POG', 'KEKW', '😂', 'Ünïcode', 'ﬀ', 'a']

/** Times that often meet: tens of minutes of four hours around a midnight, and the milliseconds before and after. */
export const time = fc
  .tuple(fc.integer({ min: 0, max: STEPS }), fc.integer({ min: -1, max: 1 }))
  .map(([step, ms]) => CHAT_START_MS + step * STEP_MS + ms)

/** Something said: where, by whom, when. */
export const said = fc.record({
  channelId: fc.constantFrom('10', '10', '10', '11'),
  userId: fc.constantFrom('1', '2', '3', '4'),
  sentAtMs: time,
  words: fc.array(fc.constantFrom(...WORDS), { maxLength: 5 }),
  type: fc.constantFrom('PRIVMSG', 'PRIVMSG', 'PRIVMSG', 'USERNOTICE', 'CLEARCHAT'),
  /** A copy of a shared chat; of the channel itself it is no copy. */
  copyOf: fc.constantFrom(undefined, undefined, undefined, '99', '10', ''),
})

/** A range of sent times, mostly not of whole hours. */
export const range = fc
  .tuple(time, time)
  .map(([one, other]) => ({ fromMs: Math.min(one, other), toMs: Math.max(one, other) }))

/** The record of something said; `number` makes it different from every other one. */
export function chatRecord(
  what: {
    readonly channelId: string
    readonly userId: string
    readonly sentAtMs: number
    readonly words: readonly string[]
    readonly type: 'PRIVMSG' | 'USERNOTICE' | 'CLEARCHAT'
    readonly copyOf?: string | undefined
  },
  number: number,
): LogRecord {
  const { channelId, words, copyOf, ...parts } = what
  const line = lineOf({ ...parts, channelId, number, text: words.join('  ') })
  const raw = copyOf === undefined ? line : `@source-room-id=${copyOf};${line.slice(1)}`
  const record = recordFromLine(raw, { channelId, receivedAtMs: what.sentAtMs })
  if (record === undefined) throw new Error(`no record: ${raw}`)
  return record
}

/** The words of a record that count, by the plainest means. */
function plainWords({ type, raw, channelId }: LogRecord): string[] | undefined {
  if (type !== 'PRIVMSG' && type !== 'USERNOTICE') return undefined
  const source = /^@(?:[^ ]*;)?source-room-id=([^; ]*)/.exec(raw)?.[1] ?? ''
  if (source !== '' && source !== channelId) return undefined
  const text = / (?:PRIVMSG|USERNOTICE) #\S+ :(.*)$/u.exec(raw)?.[1] ?? ''
  return text.split(' ').filter((word) => word !== '')
}

/** Every word of the range, with who said it and when; `''` stands for the message itself. */
export function plainCount(
  records: readonly LogRecord[],
  query: {
    readonly fromMs: number
    readonly toMs: number
    readonly channelId?: string | undefined
    readonly userId?: string | undefined
    readonly erased?: Erased | undefined
  },
): { word: string; userId: string; channelId: string; sentAtMs: number }[] {
  return records.flatMap((record) => {
    const { userId, channelId, sentAtMs } = record
    const words = plainWords(record)
    const isWanted =
      sentAtMs >= query.fromMs &&
      sentAtMs < query.toMs &&
      (query.channelId ?? channelId) === channelId &&
      (query.userId ?? userId) === userId &&
      sentAtMs >= (query.erased?.get(userId) ?? 0)
    if (!isWanted || words === undefined) return []
    return ['', ...words].map((word) => ({ word, userId, channelId, sentAtMs }))
  })
}

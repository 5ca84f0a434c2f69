import { recordFromLine } from '@poglog/log-format'
import type { Position, RecordType } from '@poglog/log-format'

/** What a line of chat is to the checker. */
export interface LineFacts extends Position {
  readonly raw: string
  readonly channelId: string
  /** Empty where the record is nobody's, or the line alone does not say whose. */
  readonly userId: string
  /** Of a CLEARMSG: whose it is, as far as logins tell. */
  readonly maybeUserId: string
  readonly type: RecordType
  /** What counts as words, in order; `undefined` of a record that no count counts. */
  readonly words: readonly string[] | undefined
}

const PARTS =
  /^(?:@(?<tags>\S+) )?:(?<source>\S+) (?<command>[A-Z]+) #(?<channel>\S+)(?: :(?<text>.*))?$/s
const ACTION_START = '\u{1}ACTION '
const ACTION_END = '\u{1}'

/** Reads lines of chat; learns ids as it goes, for lines that carry a login alone. */
export class LineReader {
  readonly #channelIds: ReadonlyMap<string, string>
  readonly #userIds = new Map<string, string>()

  /** @param channelIds login -> id. */
  constructor(channelIds: ReadonlyMap<string, string>) {
    this.#channelIds = channelIds
  }

  /** @returns `undefined` for what is not logged, or has no sent time of its own (ROOMSTATE, NOTICE). */
  read(raw: string): LineFacts | undefined {
    const {
      tags = '',
      source = '',
      command = '',
      channel = '',
      text,
    } = PARTS.exec(raw)?.groups ?? {}
    const channelId = this.#channelIds.get(channel)
    const record = recordFromLine(raw, { receivedAtMs: -1, channelId, channelLogin: channel })
    if (record === undefined || record.sentAtMs < 0 || record.channelId !== channelId)
      return undefined
    const { key, sentAtMs, userId, type } = record
    if (command === 'PRIVMSG') this.#userIds.set(source.split('!')[0] ?? '', userId)
    const maybeUserId = type === 'CLEARMSG' ? (this.#userIds.get(tagOf(tags, 'login')) ?? '') : ''
    const isCopy = !['', channelId].includes(tagOf(tags, 'source-room-id'))
    const isCounted = (type === 'PRIVMSG' || type === 'USERNOTICE') && !isCopy
    const words = isCounted ? wordsIn(text ?? '') : undefined
    return { raw, channelId, userId, maybeUserId, type, sentAtMs, key, words }
  }
}

/** Written anew for the checker: what counts is what lies between Unicode white space, of an ACTION without its wrapping. */
function wordsIn(text: string): string[] {
  const isAction = text.startsWith(ACTION_START)
  const end = isAction && text.endsWith(ACTION_END) ? -ACTION_END.length : undefined
  const said = text.slice(isAction ? ACTION_START.length : 0, end)
  return said.split(/\p{White_Space}+/u).filter((word) => word !== '')
}

function tagOf(tags: string, name: string): string {
  const pair = tags.split(';').find((tag) => tag.startsWith(`${name}=`))
  return pair?.slice(name.length + 1) ?? ''
}

import { DAY_MS, START_MS } from './chat.ts'
import type { Facts, UserFacts } from './schemas.ts'

/** The words that are counted: one that many say all the time, and a name. */
const WORDS = ['KEKW', 'Minecraft']
/** How many messages a month those users have, about, who are asked for. */
const REGULAR_MESSAGES = 1000
const BUSY_MESSAGES = 10_000
const TOP_WORDS = 10
const SHOWN = new Set(['PRIVMSG', 'USERNOTICE', 'CLEARCHAT', 'CLEARMSG'])
const CLEARMSG = 'CLEARMSG'

const HEAD = /^@(\S+) :(\S+) ([A-Z]+) #(\S+)(?: :?(.*))?$/s
const USER = /(?:^|;)(?:target-)?user-id=(\d+)/
const ACTION = '\u0001ACTION '

/** One channel, while it is counted. */
class ChannelFacts {
  readonly users = new Map<string, number>()
  readonly words = new Map<string, number>()
  readonly chatters = new Set<string>()
  lines = 0
  shownOnDay = 0
  deletionsOnDay = 0
  messages = 0
}

/**
 * Counts over raw lines, in the plainest way that is right: what the answers must say, by code that knows nothing of
 * segments.
 */
export class FactCounter {
  readonly #dayMs: number
  readonly #users = new Map<string, number>()
  readonly #channels = new Map<string, ChannelFacts>()
  #lines = 0
  #rawBytes = 0

  /** @param days of chat there will be; the day in the middle is the one that is asked for. */
  constructor(days: number) {
    this.#dayMs = START_MS + Math.floor(days / 2) * DAY_MS
  }

  /** `sentAtMs` and `channelId` are those of the line where it has them, else of its arrival. */
  add(raw: string, { channelId, sentAtMs }: { channelId: string; sentAtMs: number }): void {
    this.#lines += 1
    this.#rawBytes += Buffer.byteLength(raw)
    const { tags, command, text } = headOf(raw)
    const channel = this.#channel(channelId)
    channel.lines += 1
    const isOnDay = sentAtMs >= this.#dayMs && sentAtMs < this.#dayMs + DAY_MS
    if (isOnDay && SHOWN.has(command)) channel.shownOnDay += 1
    if (isOnDay && command === CLEARMSG) channel.deletionsOnDay += 1
    const userId = USER.exec(tags)?.[1]
    if (userId !== undefined && SHOWN.has(command)) {
      increment(this.#users, userId)
      increment(channel.users, userId)
    }
    const words = spokenWords({ tags, command, text, channelId })
    if (words === undefined) return
    channel.messages += 1
    if (userId !== undefined) channel.chatters.add(userId)
    for (const word of words) increment(channel.words, word)
  }

  finish(): Facts {
    const [busiest] = [...this.#channels].toSorted(([, a], [, b]) => b.lines - a.lines)
    if (busiest === undefined) throw new Error('there was no chat')
    const [channelId, channel] = busiest
    const words = [...channel.words].toSorted(([, a], [, b]) => b - a)
    return {
      lines: this.#lines,
      rawBytes: this.#rawBytes,
      channelId,
      regular: this.#userNear(REGULAR_MESSAGES, channel),
      busy: this.#userNear(BUSY_MESSAGES, channel),
      day: {
        startMs: this.#dayMs,
        shown: channel.shownOnDay,
        deletions: channel.deletionsOnDay,
      },
      messages: channel.messages,
      chatters: channel.chatters.size,
      words: WORDS.map((word) => ({ word, count: channel.words.get(word) ?? 0 })),
      topWords: words.slice(0, TOP_WORDS).map(([word, count]) => ({ word, count })),
    }
  }

  #channel(channelId: string): ChannelFacts {
    const known = this.#channels.get(channelId)
    if (known !== undefined) return known
    const made = new ChannelFacts()
    this.#channels.set(channelId, made)
    return made
  }

  /** Who wrote about so much in the channel, and elsewhere too where there is such a one. */
  #userNear(wanted: number, channel: ChannelFacts): UserFacts {
    const users = [...channel.users].map(([userId, inChannel]) => ({
      userId,
      inChannel,
      overall: this.#users.get(userId) ?? 0,
    }))
    const elsewhere = users.filter(({ inChannel, overall }) => overall > inChannel)
    const near = ({ inChannel }: UserFacts): number => Math.abs(Math.log(inChannel / wanted))
    const [best] = (elsewhere.length > 0 ? elsewhere : users).toSorted((a, b) => near(a) - near(b))
    if (best === undefined) throw new Error('nobody wrote in the channel')
    return best
  }
}

interface Head {
  readonly tags: string
  readonly command: string
  readonly text: string
}

function headOf(raw: string): Head {
  const [, tags = '', , command = '', , text = ''] = HEAD.exec(raw) ?? []
  return { tags, command, text }
}

/** The words that count for a channel, `undefined` of a line that is no message or a copy of another channel's. */
function spokenWords(line: Head & { channelId: string }): string[] | undefined {
  if (line.command !== 'PRIVMSG' && line.command !== 'USERNOTICE') return undefined
  const sourceRoom = /(?:^|;)source-room-id=(\d*)/.exec(line.tags)?.[1] ?? ''
  if (sourceRoom !== '' && sourceRoom !== line.channelId) return undefined
  const isAction = line.text.startsWith(ACTION)
  const text = isAction ? line.text.slice(ACTION.length).replaceAll('\u0001', '') : line.text
  return text.split(/\s+/).filter((word) => word !== '')
}

/** How often a line of a channel has a word. */
export function wordInLine(raw: string, word: string, channelId: string): number {
  if (!raw.includes(word)) return 0
  const words = spokenWords({ ...headOf(raw), channelId }) ?? []
  return words.filter((said) => said === word).length
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

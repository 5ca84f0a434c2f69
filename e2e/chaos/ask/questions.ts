import type { RecordType } from '@poglog/log-format'
import type { Book, Line } from '../checker/book.ts'
import type { SeededRandom } from '../random.ts'
import type { CountRequest } from './ask-counts.ts'
import type { LogRequest } from './ask-logs.ts'

export type Question =
  | { readonly route: string; readonly logs: LogRequest }
  | { readonly route: string; readonly counts: CountRequest }

const RECENT_MS_MAX = 40_000
const LIMIT_MAX = 400
const RECENT_LINES = 3000

export interface Asking {
  readonly book: Book
  readonly random: SeededRandom
  /** Channel id -> login. */
  readonly logins: ReadonlyMap<string, string>
  readonly startMs: number
}

/** Draws a question about what has been sent; `undefined` before anything has. */
export function drawQuestion(asking: Asking): Question | undefined {
  const { book, random } = asking
  // A line decides whom to ask about, so busy channels and people are asked about more often.
  const isRecent = random.chance(0.5)
  const line = random.pick(isRecent ? book.all.slice(-RECENT_LINES) : book.all)
  if (line === undefined) return undefined
  const userId = line.userId === '' ? line.maybeUserId : line.userId
  const of = userId !== '' && random.chance(0.4) ? 'user' : 'channel'
  const login = asking.logins.get(line.channelId) ?? ''
  const subject = of === 'user' ? userId : random.pick([line.channelId, login, login])
  const scope = of === 'user' ? { userId } : { channelId: line.channelId }
  const range = drawRange(asking)
  if (random.chance(0.35)) {
    const word = random.pick(line.words ?? []) ?? 'Pog'
    const count = drawCount(random, { of, word })
    const isOne = of === 'channel' && userId !== '' && random.chance(0.15)
    const question = { ...scope, ...range, ...(isOne && { userId }) }
    const counts = { subject: subject ?? '', of, question, count } as const
    return { route: `/${of}/${ROUTES[count.kind]}`, counts }
  }
  if (random.chance(0.2)) return drawRustlog(asking, line, userId)
  const format = random.pick(['raw', 'raw', 'ndjson', 'json'] as const) ?? 'raw'
  const order = random.chance(0.5) ? 'asc' : 'desc'
  const isLimited = format === 'json' || random.chance(0.3)
  const limit = isLimited ? random.between(1, LIMIT_MAX) : undefined
  const types = random.chance(0.1) ? (['PRIVMSG'] as const) : undefined
  const question = { ...scope, ...range, order, limit, types } as const
  const path = `/${of}/${subject ?? ''}/logs`
  return { route: `/${of}/logs ${format}`, logs: { path, question, format } }
}

/** What rustlog answers, but for what CLEARMSG tells, which is not stored there. */
const RUSTLOG_TYPES: readonly RecordType[] = ['PRIVMSG', 'USERNOTICE', 'CLEARCHAT']
const DAY_MS = 86_400_000

/** A channel or a user in it, over the whole range that a client must give. */
function drawRustlog({ random, logins, startMs }: Asking, line: Line, userId: string): Question {
  const { channelId } = line
  const ofUser = userId !== '' && random.chance(0.4) ? { userId } : {}
  const fromMs = random.chance(0.5)
    ? startMs - DAY_MS
    : Date.now() - random.between(1000, RECENT_MS_MAX)
  const toMs = random.chance(0.5) ? Date.now() + DAY_MS : fromMs + random.between(1, RECENT_MS_MAX)
  const order = random.chance(0.5) ? 'asc' : 'desc'
  const limit = random.chance(0.3) ? random.between(1, LIMIT_MAX) : undefined
  const question = {
    channelId,
    ...ofUser,
    fromMs,
    toMs,
    order,
    limit,
    types: RUSTLOG_TYPES,
  } as const
  const format = random.chance(0.7) ? 'raw' : 'json'
  const login = logins.get(channelId) ?? ''
  const channel = random.chance(0.5) ? `channelid/${channelId}` : `channel/${login}`
  const user = userId !== '' && 'userId' in ofUser ? `/userid/${userId}` : ''
  const path = `/${channel}${user}`
  const route = `rustlog ${user === '' ? 'channel' : 'user'} ${format}`
  return { route, logs: { path, question, format, dialect: 'rustlog' } }
}

const ROUTES = { word: 'words', top: 'words/top', stats: 'stats' } as const

function drawCount(
  random: SeededRandom,
  { of, word }: { readonly of: 'channel' | 'user'; readonly word: string },
): CountRequest['count'] {
  const match = random.chance(0.5) ? 'exact' : 'ci'
  const draw = random.unit()
  if (draw < 0.25) return { kind: 'stats' }
  if (draw < 0.45 && of === 'channel') return { kind: 'top', match }
  if (of === 'user') return { kind: 'word', word, match }
  return { kind: 'word', word, match, by: random.pick(['hour', 'day', 'user'] as const) ?? 'day' }
}

/** All of it, the last seconds, or any part. */
function drawRange({ random, startMs }: Asking): { fromMs?: number; toMs?: number } {
  const draw = random.unit()
  const nowMs = Date.now()
  if (draw < 0.3) return {}
  if (draw < 0.6) return { fromMs: nowMs - random.between(1000, RECENT_MS_MAX) }
  const fromMs = random.between(startMs, nowMs)
  if (draw < 0.7) return { toMs: fromMs + 1 }
  return { fromMs, toMs: fromMs + random.between(1, RECENT_MS_MAX) }
}

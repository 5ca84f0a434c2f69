import { z } from 'zod'
import type { Line } from '../checker/book.ts'
import { boundsOf, checkCount, checkLeaders, checkNames } from '../checker/counts.ts'
import type { Bounds, CountQuestion } from '../checker/counts.ts'
import type { Violation } from '../checker/violation.ts'
import { refused } from './ask-logs.ts'
import type { Asked, AskDeps } from './asked.ts'
import { fetchAnswer } from './fetch-answer.ts'

/** What a list has at most when nobody says. */
const LEADERS_MAX = 50
const TOP_WORDS_MAX = 100
const TOP_CHATTERS_MAX = 5
/** What `messageCount` counts. */
const ROWS: ReadonlySet<string> = new Set(['PRIVMSG', 'USERNOTICE', 'CLEARCHAT'])
const HOUR_MS = 3_600_000
const NOT_FOUND = 404

/** A counting question about a channel (all of it, or a user's part) or a user. */
export interface CountRequest {
  /** The numeric id or the login as it stands in the path. */
  readonly subject: string
  readonly of: 'channel' | 'user'
  readonly question: CountQuestion
  readonly count:
    | {
        readonly kind: 'word'
        readonly word: string
        readonly match: 'exact' | 'ci'
        readonly by?: 'hour' | 'day' | 'user'
      }
    | { readonly kind: 'top'; readonly match: 'exact' | 'ci' }
    | { readonly kind: 'stats' }
}

const channelCount = z.object({ channelId: z.string(), count: z.int() })
const wordSchema = z.object({
  total: z.int(),
  users: z.int().optional(),
  channelCount: z.int().optional(),
  buckets: z.array(z.object({ from: z.string(), count: z.int() })).optional(),
  leaders: z.array(z.object({ userId: z.string(), count: z.int() })).optional(),
  channels: z.array(channelCount).optional(),
})
const topSchema = z.object({ words: z.array(z.object({ word: z.string(), count: z.int() })) })
const statsSchema = z.object({
  messages: z.int(),
  chatters: z.int().optional(),
  channelCount: z.int().optional(),
  firstMessageAt: z.string().nullable(),
  lastMessageAt: z.string().nullable(),
  hoursOfDay: z.array(z.int()),
  messageCount: z.int().optional(),
  topChatters: z
    .array(z.object({ userId: z.string(), messages: z.int(), messageCount: z.int() }))
    .optional(),
  channels: z.array(z.object({ channelId: z.string(), messages: z.int() })).optional(),
})

interface Checking {
  readonly request: CountRequest
  /** The bounds of what `countsOf` counts, as they are now that the answer has ended. */
  readonly bounds: (countsOf: (line: Line) => Iterable<string>) => Map<string, Bounds>
  /** The same of rows, whether they have words or not. */
  readonly rowBounds: (countsOf: (line: Line) => Iterable<string>) => Map<string, Bounds>
  readonly lines: () => { readonly must: readonly Line[]; readonly may: readonly Line[] }
}

export async function askCounts(api: string, request: CountRequest, deps: AskDeps): Promise<Asked> {
  const url = `${api}${pathOf(request)}`
  const begunAt = deps.book.moment()
  const fetched = await fetchAnswer(url)
  if (fetched.kind === 'unavailable') return { ...fetched, url }
  const { status, body } = fetched
  if (status !== 200 && status !== NOT_FOUND) return refused(url, status, body)
  const { question } = request
  const checking: Checking = {
    request,
    bounds: (countsOf) => boundsOf(deps.book, { question, begunAt }, countsOf),
    rowBounds: (countsOf) =>
      boundsOf(deps.book, { question, begunAt, isCounted: ({ type }) => ROWS.has(type) }, countsOf),
    lines: () => {
      const { fromMs = 0, toMs = Number.POSITIVE_INFINITY } = question
      const may = deps.book
        .lines(question)
        .filter((line) => line.words && line.sentAtMs >= fromMs && line.sentAtMs < toMs)
      return { may, must: may.filter((line) => line.ackedAt < begunAt) }
    },
  }
  const answer: unknown = status === NOT_FOUND ? undefined : JSON.parse(body)
  return { kind: 'checked', url, answers: 1, violations: check(checking, answer) }
}

function check(checking: Checking, answer: unknown): Violation[] {
  const { kind } = checking.request.count
  if (kind === 'word') return checkWord(checking, wordSchema.parse(answer ?? { total: 0 }))
  if (kind === 'top') return checkTop(checking, topSchema.parse(answer ?? { words: [] }))
  const none = { messages: 0, firstMessageAt: null, lastMessageAt: null, hoursOfDay: [] }
  return checkStats(checking, statsSchema.parse(answer ?? none))
}

function checkWord({ request, bounds }: Checking, answer: z.infer<typeof wordSchema>): Violation[] {
  const { count } = request
  if (count.kind !== 'word') return []
  const folded = foldWord(count.word)
  const isSaid = (word: string): boolean =>
    count.match === 'ci' ? foldWord(word) === folded : word === count.word
  const said = (name: (line: Line) => string) =>
    bounds((line) => (line.words ?? []).filter((word) => isSaid(word)).map(() => name(line)))
  const byUser = said(({ userId }) => userId)
  const byChannel = said(({ channelId }) => channelId)
  const violations = checkCount('total', answer.total, said(() => 'all').get('all'))
  if (answer.users !== undefined) violations.push(...checkNames('users', answer.users, byUser))
  if (answer.channelCount !== undefined) {
    violations.push(...checkNames('channels', answer.channelCount, byChannel))
  }
  if (answer.leaders !== undefined) {
    const leaders = answer.leaders.map((each) => [each.userId, each.count] as const)
    violations.push(...checkLeaders('user', { leaders, limit: LEADERS_MAX }, byUser))
  }
  if (answer.channels !== undefined) {
    const leaders = answer.channels.map((each) => [each.channelId, each.count] as const)
    violations.push(...checkLeaders('channel', { leaders, limit: LEADERS_MAX }, byChannel))
  }
  if (answer.buckets !== undefined) {
    const periodMs = count.by === 'hour' ? HOUR_MS : 24 * HOUR_MS
    const periods = said(({ sentAtMs }) => String(sentAtMs - (sentAtMs % periodMs)))
    for (const { from, count: inPeriod } of answer.buckets) {
      const bucket = periods.get(String(Date.parse(from)))
      violations.push(...checkCount(`bucket ${from}`, inPeriod, bucket))
    }
    violations.push(
      ...checkSum(
        'buckets',
        answer.buckets.map((each) => each.count),
        answer.total,
      ),
    )
  }
  return violations
}

function checkTop(
  { request, bounds }: Checking,
  { words }: z.infer<typeof topSchema>,
): Violation[] {
  const isFolded = request.count.kind === 'top' && request.count.match === 'ci'
  const said = bounds((line) => (isFolded ? (line.words ?? []).map(foldWord) : (line.words ?? [])))
  const leaders = words.map(({ word, count }) => [word, count] as const)
  return checkLeaders('word', { leaders, limit: TOP_WORDS_MAX }, said)
}

function checkStats(checking: Checking, answer: z.infer<typeof statsSchema>): Violation[] {
  const { bounds, lines } = checking
  const all = bounds(() => ['all']).get('all')
  const violations = checkCount('messages', answer.messages, all)
  const byUser = bounds(({ userId }) => [userId])
  const byChannel = bounds(({ channelId }) => [channelId])
  if (answer.chatters !== undefined) {
    violations.push(...checkNames('chatters', answer.chatters, byUser))
  }
  if (answer.channelCount !== undefined) {
    violations.push(...checkNames('channels', answer.channelCount, byChannel))
  }
  violations.push(...checkRows(checking, answer))
  if (answer.channels !== undefined) {
    const leaders = answer.channels.map((each) => [each.channelId, each.messages] as const)
    violations.push(...checkLeaders('channel', { leaders, limit: LEADERS_MAX }, byChannel))
  }
  violations.push(...checkSum('hours', answer.hoursOfDay, answer.messages))
  const { must, may } = lines()
  const first = { must: must[0], may: may[0] }
  const last = { must: must.at(-1), may: may.at(-1) }
  violations.push(...checkTime('first', answer.firstMessageAt, first))
  violations.push(...checkTime('last', answer.lastMessageAt, last))
  return violations
}

/** Of a channel: how many rows there are, and whose most. */
function checkRows(
  { bounds, rowBounds }: Checking,
  { messageCount, topChatters }: z.infer<typeof statsSchema>,
): Violation[] {
  if (messageCount === undefined || topChatters === undefined) return []
  const byUser = bounds(({ userId }) => [userId])
  const rowsByUser = rowBounds(({ userId }) => (userId === '' ? [] : [userId]))
  const leaders = topChatters.map((each) => [each.userId, each.messageCount] as const)
  return [
    ...checkCount('rows', messageCount, rowBounds(() => ['all']).get('all')),
    ...checkLeaders('chatter', { leaders, limit: TOP_CHATTERS_MAX }, rowsByUser),
    ...topChatters.flatMap(({ userId, messages }) =>
      checkCount(`messages of ${userId}`, messages, byUser.get(userId)),
    ),
  ]
}

/** The first (last) message lies between the first (last) of those that may be and of those that must be. */
function checkTime(
  what: string,
  at: string | null,
  { must, may }: { readonly must: Line | undefined; readonly may: Line | undefined },
): Violation[] {
  if (at === null) {
    return must === undefined ? [] : [{ kind: 'count', detail: `${what}: none`, raw: must.raw }]
  }
  const atMs = Date.parse(at)
  const edges = [must?.sentAtMs ?? atMs, may?.sentAtMs ?? Number.NaN]
  if (atMs >= Math.min(...edges) && atMs <= Math.max(...edges)) return []
  return [{ kind: 'count', detail: `${what}: ${atMs}, must be between ${edges.join(' and ')}` }]
}

function checkSum(what: string, parts: readonly number[], whole: number): Violation[] {
  const sum = parts.reduce((left, right) => left + right, 0)
  return sum === whole ? [] : [{ kind: 'count', detail: `${what} add up to ${sum}, not ${whole}` }]
}

/** Lower case by Unicode's rules, the Greek final sigma as any other. */
const foldWord = (word: string): string => word.toLowerCase().replaceAll('ς', 'σ')

function pathOf({ subject, of, question, count }: CountRequest): string {
  const parameters = new URLSearchParams()
  if (question.fromMs !== undefined) parameters.set('from', String(question.fromMs))
  if (question.toMs !== undefined) parameters.set('to', String(question.toMs))
  if (of === 'channel' && question.userId !== undefined) parameters.set('user', question.userId)
  if (count.kind !== 'stats') parameters.set('match', count.match)
  if (count.kind === 'word') {
    parameters.set('word', count.word)
    if (count.by !== undefined) parameters.set('by', count.by)
  }
  const route = { word: 'words', top: 'words/top', stats: 'stats' }[count.kind]
  return `/${of}/${subject}/${route}?${parameters.toString()}`
}

import { z } from 'zod'
import { checkLogAnswer } from '../checker/log-answer.ts'
import type { LogQuestion } from '../checker/log-answer.ts'
import type { Line } from '../checker/book.ts'
import type { Violation } from '../checker/violation.ts'
import type { Asked, AskDeps } from './asked.ts'
import { fetchAnswer } from './fetch-answer.ts'

/** Of one question; a reader who scrolls on and on. */
const PAGES_MAX = 40
const NOT_FOUND = 404

const messageSchema = z.object({
  raw: z.string(),
  id: z.string(),
  timestamp: z.string(),
  channelId: z.string(),
  userId: z.string(),
})
const pageSchema = z.object({
  messages: z.array(messageSchema),
  nextCursor: z.string().nullable(),
})
type Message = z.infer<typeof messageSchema>
const rustlogSchema = z.object({ messages: z.array(z.object({ raw: z.string() })) })

/** How a question of logs is put. */
export interface LogRequest {
  /** `/channel/x/logs` or `/user/x/logs`; of rustlog `/channelid/x` or the like, which needs a whole range. */
  readonly path: string
  readonly question: LogQuestion
  readonly format: 'raw' | 'ndjson' | 'json'
  readonly dialect?: 'rustlog'
}

/** Asks once; of pages (`json`), asks on until the last one, each page checked as an answer of its own. */
export async function askLogs(api: string, request: LogRequest, deps: AskDeps): Promise<Asked> {
  const { path, question, format } = request
  if (request.dialect === 'rustlog') return await askRustlog(api, request, deps)
  if (format === 'json') return await askPages(api, request, deps)
  const url = `${api}${path}?${parametersOf(question, format)}`
  const begunAt = deps.book.moment()
  const fetched = await fetchAnswer(url)
  if (fetched.kind === 'unavailable') return { ...fetched, url }
  const { status, body } = fetched
  if (status !== 200 && status !== NOT_FOUND) return refused(url, status, body)
  const lines = status === NOT_FOUND ? [''] : body.split('\n')
  const violations: Violation[] = []
  if (lines.pop() !== '')
    violations.push({ kind: 'foreign', detail: 'does not end with a line feed' })
  const messages =
    format === 'ndjson' ? lines.map((line) => messageSchema.parse(JSON.parse(line))) : []
  const raws = format === 'ndjson' ? messages.map(({ raw }) => raw) : lines
  const isEnd = raws.length < (question.limit ?? Number.POSITIVE_INFINITY)
  violations.push(...checkFields(messages, deps))
  violations.push(...checkLogAnswer(deps.book, question, { begunAt, raws, isEnd }))
  return { kind: 'checked', url, answers: 1, violations }
}

/** Lines end with CR LF there, and no answer is a page. */
async function askRustlog(
  api: string,
  { path, question, format }: LogRequest,
  { book }: AskDeps,
): Promise<Asked> {
  const { order, fromMs, toMs, limit } = question
  const range = [fromMs, toMs].map((timeMs = 0) => new Date(timeMs).toISOString())
  const parameters = new URLSearchParams({ from: range[0] ?? '', to: range[1] ?? '', [format]: '' })
  if (order === 'desc') parameters.set('reverse', '')
  if (limit !== undefined) parameters.set('limit', String(limit))
  const url = `${api}${path}?${parameters.toString()}`
  const begunAt = book.moment()
  const fetched = await fetchAnswer(url)
  if (fetched.kind === 'unavailable') return { ...fetched, url }
  const { status, body } = fetched
  if (status !== 200 && status !== NOT_FOUND) return refused(url, status, body)
  const raws = status === NOT_FOUND ? [] : rustlogRaws(body, format)
  const isEnd = raws.length < (limit ?? Number.POSITIVE_INFINITY)
  const violations = checkLogAnswer(book, question, { begunAt, raws, isEnd })
  return { kind: 'checked', url, answers: 1, violations }
}

function rustlogRaws(body: string, format: LogRequest['format']): string[] {
  if (format === 'json') {
    return rustlogSchema.parse(JSON.parse(body)).messages.map(({ raw }) => raw)
  }
  // What is not ended by CR LF shows as a line that nobody sent.
  const lines = body.split('\r\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

async function askPages(
  api: string,
  { path, question }: LogRequest,
  deps: AskDeps,
): Promise<Asked> {
  const { book } = deps
  const violations: Violation[] = []
  let url = ''
  let cursor = ''
  let after: Line | undefined
  for (let page = 0; page < PAGES_MAX; page += 1) {
    url = `${api}${path}?${parametersOf(question, 'json')}${cursor}`
    const begunAt = book.moment()
    const fetched = await fetchAnswer(url)
    if (fetched.kind === 'unavailable') {
      // What was read before has been checked and counts.
      return page === 0 ? { ...fetched, url } : { kind: 'checked', url, answers: page, violations }
    }
    const { status, body } = fetched
    if (status === NOT_FOUND && page === 0) {
      violations.push(...checkLogAnswer(book, question, { begunAt, raws: [], isEnd: true }))
      return { kind: 'checked', url, answers: 1, violations }
    }
    if (status !== 200) return refused(url, status, body)
    const { messages, nextCursor } = pageSchema.parse(JSON.parse(body))
    const raws = messages.map(({ raw }) => raw)
    const isEnd = nextCursor === null
    if (!isEnd && raws.length !== question.limit) {
      violations.push({ kind: 'outside', detail: `a page of ${raws.length} that is not the last` })
    }
    violations.push(...checkFields(messages, deps))
    violations.push(...checkLogAnswer(book, { ...question, after }, { begunAt, raws, isEnd }))
    after = book.find(raws.at(-1) ?? '') ?? after
    if (isEnd || violations.length > 0) {
      return { kind: 'checked', url, answers: page + 1, violations }
    }
    cursor = `&cursor=${nextCursor}`
  }
  return { kind: 'checked', url, answers: PAGES_MAX, violations }
}

/** What a message says beside its line. */
function checkFields(messages: readonly Message[], { book }: AskDeps): Violation[] {
  const violations: Violation[] = []
  for (const { raw, id, timestamp, channelId, userId } of messages) {
    const line = book.find(raw)
    if (line === undefined) continue
    const isRight =
      channelId === line.channelId &&
      [line.userId, line.maybeUserId].includes(userId) &&
      Date.parse(timestamp) === line.sentAtMs &&
      (id === '' || id.replaceAll('-', '') === line.key)
    const said = JSON.stringify({ id, timestamp, channelId, userId })
    if (!isRight) violations.push({ kind: 'fields', detail: said, raw })
  }
  return violations
}

function parametersOf(question: LogQuestion, format: string): string {
  const { order, fromMs, toMs, limit, types } = question
  const parameters = new URLSearchParams({ order, format })
  if (fromMs !== undefined) parameters.set('from', String(fromMs))
  if (toMs !== undefined) parameters.set('to', String(toMs))
  if (limit !== undefined) parameters.set('limit', String(limit))
  if (types !== undefined) parameters.set('type', types.join(','))
  return parameters.toString()
}

export function refused(url: string, status: number, body: string): Asked {
  const violations = [{ kind: 'refused' as const, detail: `${status}: ${body.slice(0, 500)}` }]
  return { kind: 'checked', url, answers: 1, violations }
}

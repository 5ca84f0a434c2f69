import { comparePositions, DEFAULT_TYPES } from '@poglog/log-format'
import type { Order, Position, RecordType } from '@poglog/log-format'
import type { Book, Line, Scope } from './book.ts'
import type { Violation } from './violation.ts'

/** Times are sent times, `[fromMs, toMs)`. */
export interface LogQuestion extends Scope {
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly order: Order
  readonly limit?: number | undefined
  readonly types?: readonly RecordType[] | undefined
  /** The last record of the page before. */
  readonly after?: Position | undefined
}

export interface LogAnswer {
  /** The moment before the request was sent. */
  readonly begunAt: number
  readonly raws: readonly string[]
  /** The answer says that nothing comes after it. */
  readonly isEnd: boolean
}

/**
 * What is wrong with an answer: must <= answer <= may, no record twice, in order, byte for byte as sent. What it shows
 * must be in every later answer.
 */
export function checkLogAnswer(book: Book, question: LogQuestion, answer: LogAnswer): Violation[] {
  const violations: Violation[] = []
  const shown = new Set<Line>()
  let last: Position | undefined = question.after
  for (const raw of answer.raws) {
    const line = book.find(raw)
    if (line === undefined) {
      violations.push({ kind: 'foreign', detail: 'was never sent', raw })
      continue
    }
    if (shown.has(line)) violations.push({ kind: 'double', detail: 'twice', raw })
    else if (!isWanted(line, question)) {
      violations.push({ kind: 'outside', detail: 'was not asked for', raw })
    } else if (last !== undefined && compareBy(question.order, last, line) >= 0) {
      violations.push({ kind: 'order', detail: 'comes after a later one', raw })
    }
    shown.add(line)
    last = line
  }
  if (answer.raws.length > (question.limit ?? Number.POSITIVE_INFINITY)) {
    violations.push({ kind: 'outside', detail: `${answer.raws.length} records, more than asked` })
  }
  const end = answer.isEnd ? undefined : last
  for (const line of book.lines(question)) {
    if (line.ackedAt >= answer.begunAt || shown.has(line) || !isWanted(line, question)) continue
    if (isUnsure(line, question)) continue
    if (end !== undefined && compareBy(question.order, line, end) > 0) continue
    violations.push({ kind: 'missing', detail: `line ${line.number}`, raw: line.raw })
  }
  for (const line of shown) book.acknowledge(line)
  return violations
}

function isWanted(line: Line, question: LogQuestion): boolean {
  const { channelId, userId, fromMs = 0, toMs = Number.POSITIVE_INFINITY, order, after } = question
  return (
    (channelId === undefined || line.channelId === channelId) &&
    (userId === undefined || line.userId === userId || line.maybeUserId === userId) &&
    line.sentAtMs >= fromMs &&
    line.sentAtMs < toMs &&
    (question.types === undefined
      ? DEFAULT_TYPES.has(line.type)
      : question.types.includes(line.type)) &&
    (after === undefined || compareBy(order, after, line) < 0)
  )
}

/** A CLEARMSG names its user by login: it may be the user's, if that login was known where it was received. */
const isUnsure = (line: Line, { userId }: Scope): boolean =>
  userId !== undefined && line.userId !== userId

function compareBy(order: Order, left: Position, right: Position): number {
  return order === 'asc' ? comparePositions(left, right) : comparePositions(right, left)
}

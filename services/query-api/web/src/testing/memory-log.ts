import { lineOf } from '../chat/line.ts'
import type { Line } from '../chat/line.ts'
import type { Edge, LogPage, PageAsked } from '../log/log-page.ts'
import { LOG_LIMITS } from '../log/log-window.ts'
import type { LogReaderDeps } from '../log/log-reader.ts'
import { message } from './messages.ts'

/** A log in memory that answers pages as the API does, with lines of numbers for ids. */
export class MemoryLog {
  readonly lines: Line[] = []
  limits = LOG_LIMITS
  /** Pages that were asked for. */
  asked = 0
  nowMs = 0
  isAway = false
  /** Held back until they are let go, where it is set. */
  hold: Promise<void> | undefined

  add(sentMs: number, text = ''): Line {
    const id = String(this.lines.length)
    const line = { ...lineOf(message({ id, text })), sentMs }
    this.lines.push(line)
    this.nowMs = Math.max(this.nowMs, sentMs)
    return line
  }

  get deps(): LogReaderDeps {
    return {
      askPage: async (query, asked) => {
        this.asked += 1
        if (this.isAway) throw new Error('the log is away')
        const page = this.#page(asked, query.search)
        await this.hold
        return page
      },
      askFirstMs: () => Promise.resolve(this.lines[0]?.sentMs ?? 0),
      now: () => this.nowMs,
      limits: this.limits,
    }
  }

  #page({ direction, edge, limit }: PageAsked, search: string): LogPage {
    const isOlder = direction === 'older'
    const wanted = this.lines.filter(({ text }) => text.includes(search)).toSorted(byTime)
    const ordered = isOlder ? wanted.toReversed() : wanted
    const beyond = ordered.filter((line) => isBeyond(line, edge, isOlder))
    const lines = beyond.slice(0, limit)
    const [first, last] = [lines[0], lines.at(-1)]
    const on =
      beyond.length > limit && last !== undefined ? cursorOf(last) : ({ kind: 'end' } as const)
    const back: Edge = first === undefined ? edge : cursorOf(first)
    return isOlder
      ? { lines: lines.toReversed(), older: on, newer: back }
      : { lines, older: back, newer: on }
  }
}

const byTime = (left: Line, right: Line): number =>
  left.sentMs - right.sentMs || Number(left.key) - Number(right.key)

const cursorOf = ({ sentMs, key }: Line): Edge => ({ kind: 'cursor', cursor: `${sentMs}-${key}` })

function isBeyond({ sentMs, key }: Line, edge: PageAsked['edge'], isOlder: boolean): boolean {
  if (edge.kind === 'time') return isOlder ? sentMs < edge.timeMs : sentMs >= edge.timeMs
  const [timeMs = 0, id = 0] = edge.cursor.split('-').map(Number)
  const order = sentMs - timeMs || Number(key) - id
  return isOlder ? order < 0 : order > 0
}

import type { Line } from '../chat/line.ts'
import type { Direction, Edge, LogPage } from './log-page.ts'

/** What is held of a log. Plain data, so that a test can reach every bound. */
export interface LogLimits {
  /** Pages that are held at once. What lies far away from where somebody reads is let go and asked for again. */
  readonly pagesMax: number
  /** Lines asked for at once; with {@link pagesMax} it bounds what is held, about 2 kB a line. */
  readonly pageLines: number
  /** Lines asked for at first, in each direction: few, so that something is there soon. */
  readonly firstLines: number
  /** Lines of a page that live lines fill. */
  readonly livePageLines: number
  /** Live lines that wait until what came before them is there. */
  readonly waitingLinesMax: number
}

export const LOG_LIMITS: LogLimits = {
  pagesMax: 12,
  pageLines: 400,
  firstLines: 100,
  livePageLines: 250,
  waitingLinesMax: 2000,
}

/** The loaded part of a log: pages that follow each other. */
export type LogWindow = readonly LogPage[]

/** How the log goes on beyond the window. */
export function edgeOf(window: LogWindow, direction: Direction): Edge {
  const page = direction === 'older' ? window[0] : window.at(-1)
  return page?.[direction] ?? { kind: 'end' }
}

/** All lines, the oldest first. */
export const linesOf = (window: LogWindow): readonly Line[] => window.flatMap(({ lines }) => lines)

/** Puts a page before or behind a window; what is there already is left out of it. */
export function withPage(window: LogWindow, page: LogPage, direction: Direction): LogWindow {
  const added = { ...page, lines: without(page.lines, window) }
  return direction === 'older' ? [added, ...window] : [...window, added]
}

/** The window without the pages that are too many at the end that nobody looks at. */
export function trimmed(window: LogWindow, grown: Direction, { pagesMax }: LogLimits): LogWindow {
  return grown === 'older' ? window.slice(0, pagesMax) : window.slice(-pagesMax)
}

/** Puts live lines at the newer end; those that are there already are left out. */
export function withLive(
  window: LogWindow,
  lines: readonly Line[],
  { livePageLines }: LogLimits,
): LogWindow {
  const added = without(lines, window)
  const last = window.at(-1)
  if (added.length === 0) return window
  if (last !== undefined && last.lines.length < livePageLines) {
    return [...window.slice(0, -1), { ...last, lines: [...last.lines, ...added] }]
  }
  // Live lines come without cursors: what lies around them is asked for by time, and what is there already is left out.
  const timeMs = newestMs(window) ?? Math.min(...added.map(({ sentMs }) => sentMs))
  const page: LogPage = {
    lines: added,
    older: { kind: 'time', timeMs: timeMs + 1 },
    newer: { kind: 'end' },
  }
  return [...withNewerFrom(window, { kind: 'time', timeMs }), page]
}

/** The window, with what is newer than its lines to be asked for again. */
export function withNewerFrom(window: LogWindow, newer: Edge): LogWindow {
  const last = window.at(-1)
  return last === undefined ? window : [...window.slice(0, -1), { ...last, newer }]
}

/** The newest sent time of the last page that has lines; those that came live are not all in order. */
export function newestMs(window: LogWindow): number | undefined {
  const page = window.findLast(({ lines }) => lines.length > 0)
  return page === undefined ? undefined : Math.max(...page.lines.map(({ sentMs }) => sentMs))
}

function without(lines: readonly Line[], window: LogWindow): readonly Line[] {
  const known = new Set(window.flatMap((page) => page.lines.map(({ key }) => key)))
  const added: Line[] = []
  for (const line of lines) {
    if (known.has(line.key)) continue
    known.add(line.key)
    added.push(line)
  }
  return added
}

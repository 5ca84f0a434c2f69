import type { Line } from '../chat/line.ts'
import type { Direction, Edge, LogPage } from './log-page.ts'

/** Pages that are held at once. What lies far away from where somebody reads is let go and asked for again. */
export const PAGES_MAX = 12
/** Lines of a page that live lines fill. */
export const LIVE_PAGE_LINES = 250
/** A ring of pages: with {@link PAGES_MAX} it bounds what the page holds, about 2 kB a line. */
export const PAGE_LINES = 400

/** The loaded part of a log: pages that follow each other. */
export type LogWindow = readonly LogPage[]

/** How the log goes on beyond the window. */
export function edgeOf(window: LogWindow, direction: Direction): Edge {
  const page = direction === 'older' ? window[0] : window.at(-1)
  return page?.[direction] ?? { kind: 'end' }
}

/** All lines, the oldest first. */
export const linesOf = (window: LogWindow): readonly Line[] => window.flatMap(({ lines }) => lines)

/**
 * Puts a page at an end; what is in the window already is left out of it. At {@link PAGES_MAX} the page at the other end
 * goes.
 */
export function withPage(window: LogWindow, page: LogPage, direction: Direction): LogWindow {
  const added = { ...page, lines: without(page.lines, window) }
  return direction === 'older'
    ? [added, ...window].slice(0, PAGES_MAX)
    : [...window, added].slice(-PAGES_MAX)
}

/** Puts live lines at the newer end; those that are there already are left out. */
export function withLive(window: LogWindow, lines: readonly Line[]): LogWindow {
  const added = without(lines, window)
  const last = window.at(-1)
  if (added.length === 0) return window
  if (last !== undefined && last.lines.length < LIVE_PAGE_LINES) {
    return [...window.slice(0, -1), { ...last, lines: [...last.lines, ...added] }]
  }
  // Live lines come without a cursor. What lies before them is asked for by time, and nobody is shown a line twice.
  const beforeMs = Math.max(...(last?.lines ?? added).map(({ sentMs }) => sentMs)) + 1
  const page: LogPage = {
    lines: added,
    older: { kind: 'time', timeMs: beforeMs },
    newer: { kind: 'end' },
  }
  return [...window, page].slice(-PAGES_MAX)
}

/** The window, with what is newer than its lines to be asked for again: something may have been missed. */
export function withNewerUnknown(window: LogWindow, nowMs: number): LogWindow {
  const last = window.at(-1)
  if (last === undefined) return window
  const newestMs = last.lines.reduce((newest, { sentMs }) => Math.max(newest, sentMs), -Infinity)
  const timeMs = Number.isFinite(newestMs) ? newestMs : nowMs
  return [...window.slice(0, -1), { ...last, newer: { kind: 'time', timeMs } }]
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

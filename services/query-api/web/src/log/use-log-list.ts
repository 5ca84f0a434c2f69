import type { Virtualizer } from '@tanstack/virtual-core'
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Line } from '../chat/line.ts'
import { dayOf } from '../place/time.ts'
import type { Anchor } from './anchor.ts'
import type { LogReader, LogState } from './log-reader.ts'
import { edgeOf } from './log-window.ts'
import { useVirtualList } from './virtual-list.ts'

/** Height of what stands at the ends of the log, in CSS pixels. */
export const EDGE_HEIGHT = 64
/** Heights that are taken for true until a row is drawn. */
const ROW_HEIGHT = 26
const DAY_HEIGHT = 40
/** Rows drawn beyond what is seen, in each direction. */
const OVERSCAN_ROWS = 12
/** When so few rows are left, more are asked for. */
const ROWS_LEFT = 120
/** Nearer to the end than this, somebody is at the end. */
const AT_END_PX = 40
/** What somebody does to scroll. */
const SCROLL_EVENTS = ['wheel', 'touchmove', 'keydown', 'pointerdown', 'focusin'] as const

interface LogListOptions {
  readonly reader: LogReader
  readonly state: LogState
  readonly lines: readonly Line[]
  readonly anchor: Anchor
  readonly isLive: boolean
}

/** Where the day changes; the first line tells its day, too. */
export function isFirstOfDay(lines: readonly Line[], index: number): boolean {
  const [line, before] = [lines[index], lines[index - 1]]
  return line !== undefined && (before === undefined || dayOf(before.sentMs) !== dayOf(line.sentMs))
}

/** A list of lines that opens at its anchor, and asks for more as it is scrolled. */
export function useLogList(
  scroller: RefObject<HTMLDivElement>,
  { reader, state, lines, anchor, isLive }: LogListOptions,
): { readonly list: Virtualizer<HTMLElement, HTMLElement>; readonly isAtEnd: boolean } {
  const list = useVirtualList({
    count: lines.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => lines[index]?.key ?? index, [lines]),
    estimateSize: (index) => ROW_HEIGHT + (isFirstOfDay(lines, index) ? DAY_HEIGHT : 0),
    overscan: OVERSCAN_ROWS,
    paddingStart: EDGE_HEIGHT,
    paddingEnd: EDGE_HEIGHT,
    anchorTo: 'end',
    followOnAppend: isLive,
    scrollEndThreshold: AT_END_PX,
  })
  const { window, first, older, newer } = state

  const hasLeft = useHasLeft(scroller, anchor)

  useLayoutEffect(() => {
    if (first !== 'idle' || lines.length === 0 || hasLeft.current) return
    const index = anchor.at === undefined ? -1 : indexOf(lines, anchor)
    if (index === -1) list.scrollToEnd()
    else list.scrollToIndex(index, { align: anchor.message === undefined ? 'start' : 'center' })
    // Anew when lines are put before it: a scroll to an index that is under way would end at another line.
  }, [first, anchor, lines, hasLeft, list])

  const items = list.getVirtualItems()
  const [top, end] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0]
  const isAtEnd = edgeOf(window, 'newer').kind === 'end' && list.isAtEnd(AT_END_PX)
  useEffect(() => {
    if (first !== 'idle') return
    if (top < ROWS_LEFT && older === 'idle') void reader.more('older')
    if (end > lines.length - ROWS_LEFT && newer === 'idle') void reader.more('newer')
    reader.follow(isLive && isAtEnd)
    // A page without lines changes the window, too: a search goes on.
  }, [reader, window, first, older, newer, top, end, lines.length, isLive, isAtEnd])
  return { list, isAtEnd }
}

/** Whether somebody has begun to scroll away from where the log was opened. */
function useHasLeft(scroller: RefObject<HTMLElement>, anchor: Anchor): RefObject<boolean> {
  const hasLeft = useRef(false)
  useLayoutEffect(() => {
    hasLeft.current = false
    const element = scroller.current
    const leave = (): void => {
      hasLeft.current = true
    }
    return onScrolls(element, leave)
  }, [scroller, anchor])
  return hasLeft
}

/** @returns what ends the listening. */
function onScrolls(element: HTMLElement | null, listener: () => void): () => void {
  for (const event of SCROLL_EVENTS) element?.addEventListener(event, listener, { passive: true })
  return () => {
    for (const event of SCROLL_EVENTS) element?.removeEventListener(event, listener)
  }
}

/** Calls back when somebody, and not the page itself, has scrolled and come to rest. */
export function useMoved(
  scroller: RefObject<HTMLElement>,
  isScrolling: boolean,
  onMoved: () => void,
): void {
  const hasTouched = useRef(false)
  useEffect(() => {
    const touched = (): void => {
      hasTouched.current = true
    }
    return onScrolls(scroller.current, touched)
  }, [scroller])
  useEffect(() => {
    if (isScrolling || !hasTouched.current) return
    hasTouched.current = false
    onMoved()
    // Only when the scrolling ends.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [isScrolling])
}

/** The message, or the first line of that time or later; -1 where all are earlier. */
function indexOf(lines: readonly Line[], { at = 0, message }: Anchor): number {
  const found = message === undefined ? -1 : lines.findIndex(({ id }) => id === message)
  return found === -1 ? lines.findIndex(({ sentMs }) => sentMs >= at) : found
}

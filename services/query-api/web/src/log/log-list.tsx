import { memo } from 'preact/compat'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Line } from '../chat/line.ts'
import type { LineStyle } from '../chat/line-row.tsx'
import { marksOf } from '../chat/marks.ts'
import type { Anchor } from './anchor.ts'
import { copyLines } from './copy-lines.ts'
import { LogEdge } from './log-edge.tsx'
import { LogEntry } from './log-entry.tsx'
import type { LogReader, LogState } from './log-reader.ts'
import { linesOf } from './log-window.ts'
import { EDGE_HEIGHT, isFirstOfDay, useLogList, useMoved } from './use-log-list.ts'
import './log-list.css'

interface LogListProps {
  readonly reader: LogReader
  readonly state: LogState
  readonly anchor: Anchor
  readonly isLive: boolean
  readonly style: LineStyle
  /** Called with the line at the top, whenever it is another. */
  readonly onTop: (line: Line) => void
  /** Called with the line at the top when somebody has scrolled; `undefined` at the newest end. */
  readonly onMove: (line: Line | undefined) => void
  /** Called with what scrolls to the last line. */
  readonly onReady: (toEnd: () => void) => void
}

/** The lines of a log, of which only those in view are drawn. It goes on in both directions as it is scrolled. */
export const LogList = memo(function LogList(props: LogListProps) {
  const { reader, state, anchor, isLive, style, onTop, onMove, onReady } = props
  const { window, older, newer } = state
  const lines = useMemo(() => linesOf(window), [window])
  const marks = useMemo(() => marksOf(lines), [lines])
  const scroller = useRef<HTMLDivElement>(null)
  const { list, isAtEnd } = useLogList(scroller, { reader, state, lines, anchor, isLive })
  const top = lines[list.getVirtualItemForOffset(list.scrollOffset ?? 0)?.index ?? 0]
  useEffect(() => {
    if (top !== undefined) onTop(top)
  }, [top, onTop])
  useMoved(scroller, list.isScrolling, () => onMove(isAtEnd ? undefined : top))
  useEffect(() => onReady(() => list.scrollToEnd()), [list, onReady])
  return (
    <div
      ref={scroller}
      class="log-list"
      role="region"
      aria-label="Log of messages"
      // Scrolled by the keyboard, too.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onCopy={(event) => copyLines(event, lines)}
    >
      <div class="spacer" style={{ height: `${list.getTotalSize()}px` }}>
        <LogEdge reader={reader} state={state} direction="older" height={EDGE_HEIGHT} />
        <div
          role="feed"
          aria-label="Messages"
          aria-busy={older === 'loading' || newer === 'loading'}
        >
          {list.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index]
            if (line === undefined) return null
            return (
              <LogEntry
                key={key}
                line={line}
                mark={marks.get(line.key)}
                style={style}
                index={index}
                top={start}
                isFirstOfDay={isFirstOfDay(lines, index)}
                isTarget={line.id !== '' && line.id === anchor.message}
                measure={list.measureElement}
              />
            )
          })}
        </div>
        <LogEdge
          reader={reader}
          state={state}
          direction="newer"
          height={EDGE_HEIGHT}
          isLive={isLive}
        />
      </div>
    </div>
  )
})

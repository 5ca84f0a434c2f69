import type { Line } from '../chat/line.ts'
import { LineRow } from '../chat/line-row.tsx'
import type { LineStyle } from '../chat/line-row.tsx'
import type { Mark } from '../chat/marks.ts'
import { longDayText } from '../place/time.ts'

interface LogEntryProps {
  readonly line: Line
  readonly mark: Mark | undefined
  readonly style: LineStyle
  readonly index: number
  /** Where it stands, in CSS pixels from the top of the lines. */
  readonly top: number
  readonly isFirstOfDay: boolean
  /** Whether the log was opened at this line. */
  readonly isTarget: boolean
  readonly measure: (element: HTMLElement | null) => void
}

/** A line at its place in the list. */
export function LogEntry(props: LogEntryProps) {
  const { line, mark, style, index, top, isFirstOfDay, isTarget, measure } = props
  return (
    <article
      ref={measure}
      data-index={index}
      class={isTarget ? 'entry target' : 'entry'}
      style={{ transform: `translateY(${top}px)` }}
      aria-posinset={index + 1}
      aria-setsize={-1}
      aria-current={isTarget ? 'true' : undefined}
    >
      {isFirstOfDay ? <h2 class="day">{longDayText(line.sentMs)}</h2> : null}
      <LineRow line={line} mark={mark} style={style} />
    </article>
  )
}

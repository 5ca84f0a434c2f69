import { markAt } from './draw.ts'
import { LedgerMarks } from './ledger-marks.tsx'
import type { Mark, Row } from './rows.ts'

/** How near to a thin gap the pointer must come. */
const REACH_PIXELS = 4

interface LedgerBarProps {
  readonly row: Row
  /** Whether the tab key comes here: to one of the bars. */
  readonly isReachable: boolean
  /** The mark that is pointed at. */
  readonly pointed: number | undefined
  /** Where now is, as a share of the width. */
  readonly now: number | undefined
  readonly onPoint: (mark: number | undefined) => void
  readonly onOpen: (mark: Mark) => void
}

/** One row of the drawing, which tells of the piece that is pointed at. */
export function LedgerBar(props: LedgerBarProps) {
  const { row, isReachable, pointed, now, onPoint, onOpen } = props
  const { marks, text } = row
  const mark = pointed === undefined ? undefined : marks[pointed]
  const follow = (event: PointerEvent): void => {
    const found = foundAt(event, marks)
    if (found !== pointed) onPoint(found)
  }
  return (
    <div
      class="ledger-bar"
      role="slider"
      tabIndex={isReachable ? 0 : -1}
      aria-label={text}
      aria-valuemin={1}
      aria-valuemax={marks.length}
      aria-valuenow={(pointed ?? 0) + 1}
      aria-valuetext={mark?.text ?? text}
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={(event) => {
        if (!isTouch(event)) onPoint(undefined)
      }}
      onFocus={() => onPoint(pointed ?? firstGap(marks))}
      onBlur={() => onPoint(undefined)}
      onKeyDown={(event) => move(event, props)}
      onClick={(event) => {
        // A finger cannot point without pressing: it only looks.
        if (mark !== undefined && !isTouch(event)) onOpen(mark)
      }}
    >
      <LedgerMarks marks={marks} pointed={pointed} now={now} />
      {mark === undefined ? null : <Tip mark={mark} />}
    </div>
  )
}

function Tip({ mark: { start, end, text } }: { readonly mark: Mark }) {
  const at = ((start + end) / 2) * 100
  return (
    <span
      class="ledger-tip small"
      aria-hidden="true"
      style={{ left: `${at}%`, transform: `translateX(${-at}%)` }}
    >
      {text}
    </span>
  )
}

function foundAt(event: PointerEvent, marks: readonly Mark[]): number | undefined {
  if (!(event.currentTarget instanceof Element)) return undefined
  const { left, width } = event.currentTarget.getBoundingClientRect()
  const found = markAt(marks, (event.clientX - left) / width, REACH_PIXELS / width)
  return found === -1 ? undefined : found
}

function move(event: KeyboardEvent, { row, pointed = 0, onPoint, onOpen }: LedgerBarProps): void {
  const last = row.marks.length - 1
  const mark = row.marks[pointed]
  if (event.key === 'ArrowRight') onPoint(Math.min(pointed + 1, last))
  else if (event.key === 'ArrowLeft') onPoint(Math.max(pointed - 1, 0))
  else if (event.key === 'Home') onPoint(0)
  else if (event.key === 'End') onPoint(last)
  else if (event.key === 'ArrowDown') focusBar(event.currentTarget, 'nextElementSibling')
  else if (event.key === 'ArrowUp') focusBar(event.currentTarget, 'previousElementSibling')
  else if (event.key === 'Enter' && mark !== undefined) onOpen(mark)
  else return
  event.preventDefault()
}

function focusBar(
  from: EventTarget | null,
  where: 'nextElementSibling' | 'previousElementSibling',
): void {
  const row = from instanceof Element ? from.closest('.ledger-row')?.[where] : undefined
  row?.querySelector<HTMLElement>('.ledger-bar')?.focus()
}

const isTouch = (event: Event): boolean =>
  event instanceof PointerEvent && event.pointerType === 'touch'

/** Where somebody begins who comes by keyboard: at what is missing. */
const firstGap = (marks: readonly Mark[]): number =>
  Math.max(
    marks.findIndex(({ look }) => look !== 'covered'),
    0,
  )

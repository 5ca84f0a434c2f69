import { useLayoutEffect, useRef } from 'preact/hooks'
import { countText } from '../ui/number.ts'
import { shadeOf } from '../ui/shade.ts'
import type { DayCounts } from './day-counts.ts'
import { dayOfKey } from './day-keys.ts'
import { monthText, namedDayText } from './day-text.ts'
import { WEEKDAYS, monthOf, weeksOf } from './month.ts'

interface MonthGridProps {
  /** The day that Tab leads to; its month is shown. */
  readonly focusMs: number
  /** Whether that day takes the focus when it changes. */
  readonly isFocused: boolean
  readonly selectedMs: number
  readonly todayMs: number
  readonly counts: DayCounts | undefined
  readonly onFocusDay: (dayMs: number) => void
  readonly onPick: (dayMs: number) => void
}

/** The days of a month, each coloured by how much was said on it. */
export function MonthGrid(props: MonthGridProps) {
  const { focusMs, isFocused, onFocusDay } = props
  const grid = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (isFocused) grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
  }, [focusMs, isFocused])
  const move = (event: KeyboardEvent): void => {
    const dayMs = dayOfKey(focusMs, event)
    if (dayMs === undefined) return
    event.preventDefault()
    onFocusDay(dayMs)
  }
  return (
    <div
      ref={grid}
      class="month"
      role="grid"
      tabIndex={-1}
      aria-label={monthText(focusMs)}
      onKeyDown={move}
    >
      <div role="row">
        {WEEKDAYS.map((name) => (
          <span key={name} role="columnheader" aria-label={name}>
            {name.slice(0, 2)}
          </span>
        ))}
      </div>
      {weeksOf(monthOf(focusMs)).map((week) => (
        <div key={week.find((dayMs) => dayMs !== undefined)} role="row">
          {week.map((dayMs, weekday) => (
            <span
              key={WEEKDAYS[weekday]}
              role="gridcell"
              aria-selected={dayMs === props.selectedMs}
            >
              {dayMs === undefined ? null : <Day {...props} dayMs={dayMs} />}
            </span>
          ))}
        </div>
      ))}
    </div>
  )
}

function Day({ dayMs, ...props }: MonthGridProps & { readonly dayMs: number }) {
  const { focusMs, selectedMs, todayMs, counts, onPick } = props
  const count = counts?.byDay.get(dayMs) ?? 0
  const isEmpty = dayMs > todayMs || (counts !== undefined && count === 0)
  const said = counts === undefined || dayMs > todayMs ? '' : `, ${countText(count, 'message')}`
  const name = `${namedDayText(dayMs)}${said}`
  return (
    <button
      type="button"
      class="day shade"
      data-shade={shadeOf(count, counts?.most ?? 0)}
      tabIndex={dayMs === focusMs ? 0 : -1}
      title={name}
      aria-label={name}
      aria-disabled={isEmpty}
      aria-pressed={dayMs === selectedMs}
      aria-current={dayMs === todayMs ? 'date' : undefined}
      onClick={() => {
        if (!isEmpty) onPick(dayMs)
      }}
    >
      {new Date(dayMs).getUTCDate()}
    </button>
  )
}

import { ChevronLeft, ChevronRight, ChevronsLeft, ChevronsRight } from 'lucide-preact'
import type { LucideIcon } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { useEdge } from '../api/activity.ts'
import type { Whose } from '../api/whose.ts'
import { dayOf } from '../place/time.ts'
import { SHADES_MAX } from '../ui/shade.ts'
import { useDayCounts } from './day-counts.ts'
import { monthText } from './day-text.ts'
import { MonthGrid } from './month-grid.tsx'
import { addMonths } from './month.ts'

interface CalendarProps {
  readonly whose: Whose
  readonly dayMs: number
  readonly todayMs: number
  readonly onPick: (dayMs: number) => void
}

/** Months to pick a day from. */
export function Calendar({ whose, dayMs, todayMs, onPick }: CalendarProps) {
  const [focus, setFocus] = useState({ dayMs: Math.min(dayMs, todayMs), isFocused: true })
  const { counts, isFailed } = useDayCounts(whose, { dayMs: focus.dayMs, isWanted: true })
  const show = (nextMs: number, isFocused: boolean): void =>
    setFocus({ dayMs: Math.min(Math.max(nextMs, 0), todayMs), isFocused })
  return (
    <>
      <MonthHead dayMs={focus.dayMs} onShow={(nextMs) => show(nextMs, false)} />
      <MonthGrid
        focusMs={focus.dayMs}
        isFocused={focus.isFocused}
        selectedMs={dayMs}
        todayMs={todayMs}
        counts={counts}
        onFocusDay={(nextMs) => show(nextMs, true)}
        onPick={onPick}
      />
      <Scale isFailed={isFailed} />
      <Edges whose={whose} onPick={onPick} />
    </>
  )
}

interface MonthHeadProps {
  readonly dayMs: number
  readonly onShow: (dayMs: number) => void
}

function MonthHead({ dayMs, onShow }: MonthHeadProps) {
  const button = (label: string, months: number, Icon: LucideIcon) => (
    <button
      type="button"
      class="button plain icon-only"
      aria-label={label}
      title={label}
      onClick={() => onShow(addMonths(dayMs, months))}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  )
  return (
    <div class="month-head">
      {button('Previous year', -12, ChevronsLeft)}
      {button('Previous month', -1, ChevronLeft)}
      <strong aria-live="polite">{monthText(dayMs)}</strong>
      {button('Next month', 1, ChevronRight)}
      {button('Next year', 12, ChevronsRight)}
    </div>
  )
}

function Scale({ isFailed }: { readonly isFailed: boolean }) {
  return (
    <p class="month-scale small quiet">
      {isFailed ? (
        'How much was said could not be loaded'
      ) : (
        <>
          <span>less said</span>
          {Array.from({ length: SHADES_MAX }, (_, shade) => (
            <i key={shade} class="shade" data-shade={shade + 1} />
          ))}
          <span>more</span>
        </>
      )}
      <span class="month-zone">days are UTC</span>
    </p>
  )
}

function Edges({ whose, onPick }: Pick<CalendarProps, 'whose' | 'onPick'>) {
  return (
    <div class="row month-edges">
      {(['first', 'newest'] as const).map((edge) => (
        <Edge key={edge} whose={whose} edge={edge} onPick={onPick} />
      ))}
    </div>
  )
}

interface EdgeProps extends Pick<CalendarProps, 'whose' | 'onPick'> {
  readonly edge: 'first' | 'newest'
}

function Edge({ whose, edge, onPick }: EdgeProps) {
  const { data: timeMs } = useEdge(whose, edge, true)
  return (
    <button
      type="button"
      class="button"
      disabled={typeof timeMs !== 'number'}
      onClick={() => {
        if (typeof timeMs === 'number') onPick(dayOf(timeMs))
      }}
    >
      {edge === 'first' ? 'First day' : 'Newest day'}
    </button>
  )
}

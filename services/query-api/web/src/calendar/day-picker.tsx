import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-preact'
import { useState } from 'preact/hooks'
import type { Whose } from '../api/whose.ts'
import { dayOf } from '../place/time.ts'
import { Calendar } from './calendar.tsx'
import { nextDay, useDayCounts } from './day-counts.ts'
import { shortDayText } from './day-text.ts'
import { Popover } from '../ui/popover.tsx'
import { useNow } from '../ui/use-now.ts'
import '../ui/shade.css'
import './calendar.css'

interface DayPickerProps {
  readonly whose: Whose
  readonly dayMs: number
  readonly onPick: (dayMs: number) => void
}

/** A day, the days before and after it, and a calendar to pick another from. */
export function DayPicker({ whose, dayMs, onPick }: DayPickerProps) {
  const [isWanted, setWanted] = useState(false)
  const todayMs = dayOf(useNow())
  const { counts } = useDayCounts(whose, { dayMs, isWanted })
  const want = (): void => setWanted(true)
  const step = (direction: 1 | -1) => {
    const toMs = nextDay(dayMs, { step: direction, lastMs: todayMs, counts })
    const label = direction === 1 ? 'Next day' : 'Previous day'
    const Icon = direction === 1 ? ChevronRight : ChevronLeft
    return (
      <button
        type="button"
        class="button icon-only"
        aria-label={label}
        title={label}
        disabled={toMs === undefined}
        onClick={() => {
          if (toMs !== undefined) onPick(toMs)
        }}
      >
        <Icon size={18} aria-hidden="true" />
      </button>
    )
  }
  return (
    <div
      class="day-picker"
      role="group"
      aria-label="Day, UTC"
      onPointerEnter={want}
      onFocusCapture={want}
    >
      {step(-1)}
      <DayPopover whose={whose} dayMs={dayMs} todayMs={todayMs} onPick={onPick} />
      {step(1)}
    </div>
  )
}

function DayPopover({ onPick, ...props }: DayPickerProps & { readonly todayMs: number }) {
  const button = (
    <>
      <CalendarDays size={18} aria-hidden="true" />
      {shortDayText(props.dayMs)}
    </>
  )
  return (
    <Popover button={button} buttonClass="day-button" class="calendar" label="Pick a day">
      {(close) => {
        const pick = (dayMs: number): void => {
          close()
          onPick(dayMs)
        }
        return <Calendar {...props} onPick={pick} />
      }}
    </Popover>
  )
}

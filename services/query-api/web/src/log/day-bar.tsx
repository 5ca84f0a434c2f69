import { useMemo, useState } from 'preact/hooks'
import { useActivity } from '../api/activity.ts'
import { useCoverage } from '../api/coverage.ts'
import type { CoverageGap } from '../api/coverage.ts'
import type { Whose } from '../api/whose.ts'
import { DAY_HOURS, DAY_MS, HOUR_MS } from '../place/time.ts'
import { gapsOf, hoursOf } from './day-hours.ts'
import type { DayHour } from './day-hours.ts'
import { useNow } from '../ui/use-now.ts'
import './day-bar.css'

interface DayBarProps {
  readonly whose: Whose
  readonly dayMs: number
  /** Where the log is. */
  readonly atMs: number
  readonly onPick: (timeMs: number) => void
}

const NO_GAPS: readonly CoverageGap[] = []

/** The hours of a day by how much was said, where the log is in it, and of which time lines may be missing. */
export function DayBar({ whose, dayMs, atMs, onPick }: DayBarProps) {
  const nowMs = useNow()
  const range = { fromMs: dayMs, toMs: dayMs + DAY_MS }
  const { data: activity } = useActivity(whose, { ...range, by: 'hour' })
  // A day that has not begun has no coverage.
  const { data: coverage } = useCoverage(dayMs > nowMs ? undefined : whose.channel, range)
  const gaps = useMemo(
    () => coverage?.gaps.filter(({ restored }) => !restored) ?? NO_GAPS,
    [coverage],
  )
  const at = (atMs - dayMs) / DAY_MS
  return (
    <div class="day-bar">
      <Hours hours={hoursOf(dayMs, activity, gaps)} atMs={atMs} nowMs={nowMs} onPick={onPick} />
      {gapsOf(dayMs, gaps).map(({ startMs, start, length, isUnrecorded }) => (
        <span
          key={startMs}
          class={isUnrecorded ? 'day-gap unrecorded' : 'day-gap'}
          style={{ left: `${start * 100}%`, width: `${length * 100}%` }}
        />
      ))}
      {at >= 0 && at < 1 ? <span class="day-at" style={{ left: `${at * 100}%` }} /> : null}
    </div>
  )
}

interface HoursProps {
  readonly hours: readonly DayHour[]
  readonly atMs: number
  readonly nowMs: number
  readonly onPick: (timeMs: number) => void
}

/** One stop of the Tab key; the arrows lead from hour to hour. */
function Hours({ hours, atMs, nowMs, onPick }: HoursProps) {
  const [focused, setFocused] = useState<number>()
  const hourNow = hours.findIndex(({ startMs }) => atMs >= startMs && atMs < startMs + HOUR_MS)
  const stop = focused ?? Math.max(hourNow, 0)
  const move = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void => {
    const next = hourOfKey(stop, event.key)
    const button = next === undefined ? undefined : event.currentTarget.children[next]
    if (!(button instanceof HTMLElement)) return
    event.preventDefault()
    button.focus()
  }
  return (
    <div
      class="day-hours"
      role="toolbar"
      tabIndex={-1}
      aria-label="Hours of the day, UTC"
      onKeyDown={move}
    >
      {hours.map(({ startMs, share, name }, hour) => (
        <button
          key={startMs}
          type="button"
          class="day-hour"
          title={name}
          aria-label={name}
          aria-current={hour === hourNow ? 'time' : undefined}
          aria-disabled={startMs > nowMs}
          tabIndex={hour === stop ? 0 : -1}
          onFocus={() => setFocused(hour)}
          onBlur={() => setFocused(undefined)}
          onClick={() => {
            if (startMs <= nowMs) onPick(startMs)
          }}
        >
          <span style={{ height: `${share * 100}%` }} />
        </button>
      ))}
    </div>
  )
}

function hourOfKey(hour: number, key: string): number | undefined {
  switch (key) {
    case 'ArrowLeft':
      return Math.max(hour - 1, 0)
    case 'ArrowRight':
      return Math.min(hour + 1, DAY_HOURS - 1)
    case 'Home':
      return 0
    case 'End':
      return DAY_HOURS - 1
    default:
      return undefined
  }
}

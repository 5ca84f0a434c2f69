import { DAY_MS, longDayText } from '../place/time.ts'
import type { Drawing, Mark, Row } from './rows.ts'
import { shortText } from './sentence.ts'
import { byUnit } from './stretches.ts'
import type { Stretch } from './stretches.ts'
import { sumOf } from './sum.ts'
import type { CoverageSum } from './sum.ts'

const DAYS_MAX = 31
const TICK_DAYS = [1, 8, 15, 22, 29] as const
/** From which lost share of a day on it looks worse. */
const LOST_SOME = 0.001
const LOST_MUCH = 0.05

const MONTH = new Intl.DateTimeFormat('en-US', { month: 'short', year: 'numeric', timeZone: 'UTC' })

/** Rows of a month, each day a cell: for a year. */
export function monthDrawing(stretches: readonly Stretch[]): Drawing {
  const days = [...byUnit(stretches, DAY_MS)].map(([startMs, day]) => ({ startMs, day }))
  const months = Map.groupBy(days, ({ startMs }) => monthOf(startMs))
  const rows = [...months].map(([startMs, ofMonth]): Row => {
    const sum = sumOf(ofMonth.flatMap(({ day }) => day))
    const label = MONTH.format(startMs)
    return {
      startMs,
      label,
      text: `${label}: ${shortText(sum)}`,
      opens: { fromMs: startMs, toMs: nextMonth(startMs) },
      marks: ofMonth.map((day) => dayMark(day.startMs, sumOf(day.day))),
    }
  })
  const ticks = TICK_DAYS.map((day) => ({ at: (day - 0.5) / DAYS_MAX, text: String(day) }))
  return { rows, ticks, unitMs: undefined }
}

function dayMark(startMs: number, sum: CoverageSum): Mark {
  const day = new Date(startMs).getUTCDate()
  return {
    start: (day - 1) / DAYS_MAX,
    end: day / DAYS_MAX,
    look: lookOf(sum),
    text: `${longDayText(startMs)}: ${shortText(sum)}`,
    opens: { fromMs: startMs, toMs: startMs + DAY_MS },
  }
}

/** The worst that a day has to say, where it was logged at all. */
function lookOf({ coveredMs, restoredMs, gapMs, restoredGaps }: CoverageSum): Mark['look'] {
  const loggedMs = coveredMs + restoredMs + gapMs
  if (loggedMs === 0) return 'unlogged'
  const lost = gapMs / loggedMs
  if (lost > LOST_MUCH) return 'gap'
  if (lost > LOST_SOME) return 'gap-much'
  if (lost > 0) return 'gap-some'
  return restoredGaps > 0 ? 'restored' : 'covered'
}

function monthOf(timeMs: number): number {
  const date = new Date(timeMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

function nextMonth(startMs: number): number {
  const date = new Date(startMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

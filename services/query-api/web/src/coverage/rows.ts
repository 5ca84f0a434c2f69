import { causeText } from '../api/coverage.ts'
import type { TimeRange } from '../api/range.ts'
import { DAY_MS, HOUR_MS, clockText, dayOf, dayText, longDayText } from '../place/time.ts'
import { durationText } from '../ui/duration.ts'
import { numberText } from '../ui/number.ts'
import { byUnit, joinTiny } from './stretches.ts'
import type { Stretch, StretchKind } from './stretches.ts'
import { gapsText, momentText, shortText } from './sentence.ts'
import { sumOf } from './sum.ts'

/** Something drawn in a row, from one share of the row's width to another, 0 to 1. */
export interface Mark {
  readonly start: number
  readonly end: number
  readonly look: StretchKind | 'gap-some' | 'gap-much'
  /** What it is, for who points at it. */
  readonly text: string
  /** Where it leads: the log at that time, or the days of a range. */
  readonly opens: { readonly at: number } | TimeRange
}

/** A line of the drawing: an hour, a day or a month. */
export interface Row {
  readonly startMs: number
  readonly label: string
  /** The row said in words. */
  readonly text: string
  /** What the label leads to. */
  readonly opens?: TimeRange | undefined
  readonly marks: readonly Mark[]
}

/** The rows of a range, with what stands above them at which share of the width. */
export interface Drawing {
  readonly rows: readonly Row[]
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
  /** The length of a row where all are alike, so that a time has a place in it. */
  readonly unitMs: number | undefined
}

/** Parts of a row that can be told apart: more are joined. */
const PARTS = 1440
const TICKS = 4

/** Rows of an hour, for a range of about a day. */
export function hourDrawing(stretches: readonly Stretch[]): Drawing {
  const firstMs = stretches[0]?.from ?? 0
  const rows = unitRows(stretches, HOUR_MS, (startMs) => {
    const hour = clockText(startMs).slice(0, 5)
    // The day is said where it begins.
    const isDayShown = dayOf(startMs) === startMs || startMs <= firstMs
    return {
      label: isDayShown ? `${dayText(startMs)} ${hour}` : hour,
      name: `${longDayText(startMs)}, ${hour}`,
    }
  })
  return { rows, ticks: ticksOf(HOUR_MS), unitMs: HOUR_MS }
}

/** Rows of a day. */
export function dayDrawing(stretches: readonly Stretch[]): Drawing {
  const rows = unitRows(stretches, DAY_MS, (startMs) => ({
    label: dayText(startMs),
    name: dayText(startMs),
    opens: { fromMs: startMs, toMs: startMs + DAY_MS },
  }))
  return { rows, ticks: ticksOf(DAY_MS), unitMs: DAY_MS }
}

interface UnitName {
  readonly label: string
  readonly name: string
  readonly opens?: TimeRange | undefined
}

function unitRows(
  stretches: readonly Stretch[],
  unitMs: number,
  nameOf: (startMs: number) => UnitName,
): readonly Row[] {
  return [...byUnit(stretches, unitMs)].map(([startMs, unit]) => {
    const { name, label, opens } = nameOf(startMs)
    return {
      label,
      opens,
      startMs,
      text: `${name}: ${shortText(sumOf(unit))}`,
      marks: joinTiny(unit, unitMs / PARTS).map((stretch) => ({
        start: (stretch.from - startMs) / unitMs,
        end: (stretch.to - startMs) / unitMs,
        look: stretch.kind,
        text: stretchText(stretch),
        opens: { at: stretch.from },
      })),
    }
  })
}

/** `18:40:05 to 18:40:46, 41 s: the connection to Twitch was lost` */
function stretchText({ from, to, kind, replicas, ...stretch }: Stretch): string {
  const when = `${momentText(from)} to ${endText(from, to)} UTC, ${durationText(to - from)}`
  if (kind === 'covered') return `${when}: received by ${replicas.join(', ')}`
  const lines = stretch.lines === 0 ? '' : `, ${numberText(stretch.lines)} lines missing`
  const several = stretch.gaps === 1 ? '' : `${gapsText(stretch.gaps)}, `
  const why = `${several}${stretch.causes.map(causeText).join('; ')}`
  return `${when}: ${why}${kind === 'restored' ? ', restored from another log' : lines}`
}

/** The end of a time: without the day where that is the one it began on. */
export function endText(from: number, to: number): string {
  return dayText(from) === dayText(to) ? clockText(to) : momentText(to)
}

function ticksOf(unitMs: number): Drawing['ticks'] {
  return Array.from({ length: TICKS + 1 }, (_, tick) => {
    const at = tick / TICKS
    const text = unitMs === DAY_MS ? `${String(at * 24).padStart(2, '0')}:00` : `${at * 60} min`
    return { at, text }
  })
}

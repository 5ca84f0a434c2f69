import type { Activity } from '../api/activity.ts'
import { causeText } from '../api/coverage.ts'
import type { CoverageGap } from '../api/coverage.ts'
import { DAY_HOURS, DAY_MS, HOUR_MS, clockText } from '../place/time.ts'
import { countText } from '../ui/number.ts'

/** One hour of a day. */
export interface DayHour {
  readonly startMs: number
  /** `undefined` while it is not known. */
  readonly messages: number | undefined
  /** How high its column is: 0 to 1. */
  readonly share: number
  /** `13:00, 1,234 messages`, and what may be missing. */
  readonly name: string
}

/** A part of a day of which lines may be missing. */
export interface DayGap {
  readonly startMs: number
  /** Where it begins and how long it is, of the day: 0 to 1. */
  readonly start: number
  readonly length: number
  /** No record tells of that time, as of what was logged elsewhere and imported. */
  readonly isUnrecorded: boolean
}

/** The 24 hours of a day, also those without messages. */
export function hoursOf(
  dayMs: number,
  activity: Activity | undefined,
  gaps: readonly CoverageGap[],
): DayHour[] {
  const byHour = new Map(activity?.buckets.map(({ from, messages }) => [from, messages]))
  const most = Math.max(0, ...byHour.values())
  return Array.from({ length: DAY_HOURS }, (_, hour) => {
    const startMs = dayMs + hour * HOUR_MS
    const messages = activity === undefined ? undefined : (byHour.get(startMs) ?? 0)
    const missing = gaps.filter(({ from, to }) => from < startMs + HOUR_MS && to > startMs)
    const parts = [
      clockText(startMs).slice(0, 5),
      ...(messages === undefined ? [] : [countText(messages, 'message')]),
      ...missing.map(gapText),
    ]
    return {
      startMs,
      messages,
      share: messages === undefined || most === 0 ? 0 : messages / most,
      name: parts.join(', '),
    }
  })
}

/** The gaps that nobody restored, as parts of the day. */
export function gapsOf(dayMs: number, gaps: readonly CoverageGap[]): DayGap[] {
  return gaps
    .filter(({ from, to }) => from < dayMs + DAY_MS && to > dayMs)
    .map(({ from, to, cause }) => {
      const startMs = Math.max(from, dayMs)
      return {
        startMs,
        start: (startMs - dayMs) / DAY_MS,
        length: (Math.min(to, dayMs + DAY_MS) - startMs) / DAY_MS,
        isUnrecorded: cause === 'unrecorded',
      }
    })
}

function gapText({ from, to, cause, lines }: CoverageGap): string {
  const known = lines === undefined ? '' : `, ${countText(lines, 'line')} at least`
  return `may miss messages from ${clockText(from)} to ${clockText(to)}: ${causeText(cause)}${known}`
}

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../place/time.ts'

const SECOND_MS = 1000

/** A length of time with its two greatest units: `0.4 s`, `41 s`, `3 min 20 s`, `2 h 5 min`, `6 d 2 h`. */
export function durationText(lengthMs: number): string {
  if (lengthMs < SECOND_MS) return `${Math.max(Math.round(lengthMs / 100) / 10, 0.1)} s`
  if (lengthMs < MINUTE_MS) return `${Math.floor(lengthMs / SECOND_MS)} s`
  if (lengthMs < HOUR_MS) return pair(lengthMs, [MINUTE_MS, 'min'], [SECOND_MS, 's'])
  if (lengthMs < DAY_MS) return pair(lengthMs, [HOUR_MS, 'h'], [MINUTE_MS, 'min'])
  return pair(lengthMs, [DAY_MS, 'd'], [HOUR_MS, 'h'])
}

type Unit = readonly [unitMs: number, name: string]

function pair(lengthMs: number, [largeMs, large]: Unit, [smallMs, small]: Unit): string {
  const rest = Math.floor((lengthMs % largeMs) / smallMs)
  const whole = `${Math.floor(lengthMs / largeMs)} ${large}`
  return rest === 0 ? whole : `${whole} ${rest} ${small}`
}

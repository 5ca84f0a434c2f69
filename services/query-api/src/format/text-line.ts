import type { LogRecord } from '@poglog/log-format'
import { friendlyText } from './friendly-text.ts'

const SECOND_MS = 1000
const DAY_SECONDS = 86_400
/** `00` to `59`: in a busy channel nearly every line has a second of its own, and a `Date` each costs more than the line. */
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const LINE_BREAKS = /[\r\n]+/g

/**
 * Writes records as lines of text, `[2026-11-21 18:40:00] #channel login: text`, UTC.
 *
 * A record is always one line: a line break, which can only come out of an escaped tag, becomes a
 * space.
 */
export function textLineWriter(): (record: LogRecord) => string {
  let day = Number.NaN
  let date = ''
  return (record) => {
    const second = Math.floor(record.sentAtMs / SECOND_MS)
    const ofDay = ((second % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS
    if (second - ofDay !== day) {
      day = second - ofDay
      date = new Date(day * SECOND_MS).toISOString().slice(0, -'T00:00:00.000Z'.length)
    }
    const { username, text } = friendlyText(record)
    const said = username === '' ? text : `${username}: ${text}`
    return `[${date} ${clock(ofDay)}] #${record.channelLogin} ${withoutBreaks(said)}`
  }
}

/** `18:40:00` of a second of the day. */
function clock(second: number): string {
  const minute = Math.floor(second / 60)
  return `${TWO_DIGITS[Math.floor(minute / 60)]}:${TWO_DIGITS[minute % 60]}:${TWO_DIGITS[second % 60]}`
}

function withoutBreaks(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(LINE_BREAKS, ' ') : text
}

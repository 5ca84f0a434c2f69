import type { LogRecord } from '@poglog/log-format'
import { friendlyText } from './friendly-text.ts'

const MS_PER_SECOND = 1000
const LINE_BREAKS = /[\r\n]+/g

/**
 * Writes records as lines of text, `[2026-11-21 18:40:00] #channel login: text`, UTC.
 *
 * A record is always one line: a line break, which can only come out of an escaped tag, becomes a
 * space.
 */
export function textLineWriter(): (record: LogRecord) => string {
  let second = Number.NaN
  let time = ''
  return (record) => {
    const recordSecond = Math.floor(record.sentAtMs / MS_PER_SECOND)
    if (recordSecond !== second) {
      second = recordSecond
      time = new Date(second * MS_PER_SECOND).toISOString().slice(0, -5).replace('T', ' ')
    }
    const { username, text } = friendlyText(record)
    const said = username === '' ? text : `${username}: ${text}`
    return `[${time}] #${record.channelLogin} ${withoutBreaks(said)}`
  }
}

function withoutBreaks(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(LINE_BREAKS, ' ') : text
}

import type { LogRecord } from '@poglog/log-format'
import { toMessage } from './message.ts'
import { textLineWriter } from './text-line.ts'

/** The forms an answer can take; `json` is a page, the others are streams. */
export const FORMATS = ['json', 'ndjson', 'text', 'raw'] as const
export type Format = (typeof FORMATS)[number]
export type StreamFormat = Exclude<Format, 'json'>

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  text: 'text/plain; charset=utf-8',
  raw: 'text/plain; charset=utf-8',
}

/** Makes the bytes of a batch. A writer belongs to one answer. */
export type BatchWriter = (records: readonly LogRecord[]) => Uint8Array

/** No UTF-16 unit becomes more bytes of UTF-8. */
const UTF8_BYTES_PER_UNIT = 3

/**
 * Native streams end every line with LF alone: `raw` is then the line and one byte.
 *
 * Each line is written into the buffer by itself, which takes a third of the time of joining a batch
 * to one text first (0.45 against 1.55 us a line of 240 bytes).
 */
export function batchWriter(format: StreamFormat): BatchWriter {
  const toLine = lineWriter(format)
  return (records) => {
    const lines = records.map(toLine)
    const units = lines.reduce((sum, line) => sum + line.length, 0)
    const bytes = Buffer.allocUnsafe(units * UTF8_BYTES_PER_UNIT + lines.length)
    let at = 0
    for (const line of lines) {
      at += bytes.write(line, at)
      bytes[at] = LF
      at += 1
    }
    return bytes.subarray(0, at)
  }
}

const LF = 0x0a

/** Writes a record as a line, without its LF. */
function lineWriter(format: StreamFormat): (record: LogRecord) => string {
  switch (format) {
    case 'ndjson':
      return (record) => JSON.stringify(toMessage(record))
    case 'text':
      return textLineWriter()
    case 'raw':
      return ({ raw }) => raw
  }
}

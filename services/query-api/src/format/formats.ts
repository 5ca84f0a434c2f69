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

/** Native streams end every line with LF alone: `raw` is then the line and one byte. */
export function batchWriter(format: StreamFormat): BatchWriter {
  return textWriter(lineWriter(format), '\n')
}

/**
 * Makes the writer of a text a record, each followed by `ending`, which is ASCII.
 *
 * Each text is written into the buffer by itself, which takes a third of the time of joining a batch
 * to one text first (0.45 against 1.55 us a line of 240 bytes).
 */
export function textWriter(toText: (record: LogRecord) => string, ending: string): BatchWriter {
  const end = Buffer.from(ending, 'latin1')
  return (records) => {
    const texts = records.map(toText)
    const units = texts.reduce((sum, text) => sum + text.length, 0)
    const bytes = Buffer.allocUnsafe(units * UTF8_BYTES_PER_UNIT + texts.length * end.length)
    let at = 0
    for (const text of texts) {
      at += bytes.write(text, at)
      bytes.set(end, at)
      at += end.length
    }
    return bytes.subarray(0, at)
  }
}

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

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
export type BatchWriter = (records: readonly LogRecord[]) => Uint8Array<ArrayBuffer>

/** Native streams end every line with LF alone: `raw` is then the line and one byte. */
export function batchWriter(format: StreamFormat): BatchWriter {
  const encoder = new TextEncoder()
  const line = lineWriter(format)
  return (records) => {
    let text = ''
    for (const record of records) text += line(record)
    return encoder.encode(text)
  }
}

function lineWriter(format: StreamFormat): (record: LogRecord) => string {
  switch (format) {
    case 'ndjson':
      return (record) => `${JSON.stringify(toMessage(record))}\n`
    case 'text':
      return textLineWriter()
    case 'raw':
      return ({ raw }) => `${raw}\n`
  }
}

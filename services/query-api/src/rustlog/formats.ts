import type { LogRecord } from '@poglog/log-format'
import type { StreamOptions } from '../answer.ts'
import { CONTENT_TYPES, textWriter } from '../format/formats.ts'
import { toMessage } from '../format/message.ts'
import { textLineWriter } from '../format/text-line.ts'

export type LogFormat = 'text' | 'raw' | 'json' | 'jsonBasic' | 'ndjson'

/** How rustlog writes a format; a writer belongs to one answer. */
export interface RowWriter extends Pick<StreamOptions, 'write' | 'end'> {
  readonly contentType: string
}

const LINE_END = '\r\n'
const NOTHING = ''

export function rowWriter(format: LogFormat): RowWriter {
  switch (format) {
    case 'text':
      return lines(textLineWriter(), CONTENT_TYPES.text)
    case 'raw':
      return lines(({ raw }) => raw, CONTENT_TYPES.raw)
    case 'ndjson':
      return lines(basicText, CONTENT_TYPES.ndjson)
    case 'jsonBasic':
      return messages(basicText)
    case 'json':
      return messages(fullText)
  }
}

function lines(toLine: (record: LogRecord) => string, contentType: string): RowWriter {
  return { contentType, write: textWriter(toLine, LINE_END) }
}

/** `{"messages":[...]}` without white space. */
function messages(toText: (record: LogRecord) => string): RowWriter {
  let before = '{"messages":['
  const toNext = (record: LogRecord): string => {
    const text = before + toText(record)
    before = ','
    return text
  }
  return {
    contentType: CONTENT_TYPES.json,
    write: textWriter(toNext, NOTHING),
    end: Buffer.from(']}'),
  }
}

function basicText(record: LogRecord): string {
  return JSON.stringify(basicOf(toMessage(record)))
}

function fullText(record: LogRecord): string {
  const message = toMessage(record)
  const { username, channel, raw, type } = message
  // justlog's page adds `systemText` to what it searches in; here the text has it already.
  return JSON.stringify({ ...basicOf(message), username, channel, raw, type, systemText: '' })
}

function basicOf({ text, displayName, timestamp, id, tags }: ReturnType<typeof toMessage>) {
  return { text, displayName, timestamp, id, tags }
}

import { foldWord } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'

/** Makes the test whether what `textOf` says of a record holds a text, upper and lower case alike. */
export function textTest(
  searched: string,
  textOf: (record: LogRecord) => string,
): (record: LogRecord) => boolean {
  const folded = foldWord(searched)
  return (record) => foldWord(textOf(record)).includes(folded)
}

import { isCounted, sumWord } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { Counts } from './count-words.ts'
import { drain, someAtOnce } from './count-words-once.ts'
import type { CountDeps } from './words-deps.ts'
import type { CountInputs } from './words-inputs.ts'

/** What messages are summed up in. */
export interface MessageSum {
  /** Messages of a whole hour, by its start. */
  readonly addHour: (hourMs: number, messages: number) => void
  /** A single message. */
  readonly addRecord: (record: LogRecord) => void
}

/**
 * Sums up a channel's messages: whole hours by the counts that are kept of them, and the records that these do not
 * hold; exact as `countWord` is. Who said them is counted where `byUser` is given.
 */
export async function sumMessages(
  { counted, wanted, records }: CountInputs,
  { footers }: CountDeps,
  { sum, byUser }: { readonly sum: MessageSum; readonly byUser?: Counts },
): Promise<void> {
  const hours = new Map<number, number>()
  const totals = { hours, ...(byUser === undefined ? {} : { users: byUser.all }) }
  await someAtOnce(counted, async (source) => {
    // Messages are counted under the word that no message can have.
    await sumWord(source, { ...wanted, word: '' }, { footers, totals })
    byUser?.check()
  })
  for (const [hourMs, count] of hours) sum.addHour(hourMs, count)
  await drain(records(), (record) => {
    if (!isCounted(record)) return
    sum.addRecord(record)
    byUser?.add(record.userId, 1)
  })
}

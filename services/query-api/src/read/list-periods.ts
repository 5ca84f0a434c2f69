import { PARTS_OPEN, PERIODS_LISTED_MAX } from '../limits.ts'
import { someAtOnce } from './count-words-once.ts'
import type { ReadDeps } from './deps.ts'
import { channelParts } from './log-parts.ts'
import type { PartFilter, PartSource } from './log-parts.ts'
import type { Calendar } from './periods.ts'
import { sortRuns } from './run.ts'
import { countStartingOver } from './start-over.ts'
import { TooMuchError } from './too-much.ts'

/**
 * The days or months in which a channel, or a user in it, has a record that is shown; their starts, the newest first.
 *
 * A part is read only while it may show a period that is not known yet, so that a busy day costs one part of it.
 *
 * Fails as `countOnce` does, and with {@link TooMuchError} when there are more than anybody lists.
 */
export async function listPeriods(
  query: PartFilter & { readonly channelId: string },
  calendar: Calendar,
  deps: ReadDeps,
): Promise<number[]> {
  return await countStartingOver(query.signal, async (signal) => {
    const { cold, hot } = await channelParts({ ...query, signal }, deps)
    const found = new Set<number>()
    await someAtOnce(
      sortRuns([...hot, ...cold], 'desc'),
      (source) => addPeriods(source, calendar, found),
      PARTS_OPEN,
    )
    return [...found].toSorted((left, right) => right - left)
  })
}

async function addPeriods(
  source: PartSource,
  calendar: Calendar,
  found: Set<number>,
): Promise<void> {
  if (isKnown(source, calendar, found)) return
  for (const part of await source.open()) {
    if (isKnown(part, calendar, found)) continue
    const { length, sentAtMs } = await part.load()
    for (let place = 0; place < length; place += 1) found.add(calendar.startOf(sentAtMs(place)))
    if (found.size > PERIODS_LISTED_MAX) {
      throw new TooMuchError(`there are records in more than ${PERIODS_LISTED_MAX} periods`)
    }
  }
}

/** Whether nothing between two times can show a period that was not found yet. */
function isKnown(
  { minMs, maxMs }: Pick<PartSource, 'minMs' | 'maxMs'>,
  { startOf, countOf }: Calendar,
  found: ReadonlySet<number>,
): boolean {
  const wanted = countOf(minMs, maxMs)
  if (wanted > found.size) return false
  const [first, last] = [startOf(minMs), startOf(maxMs)]
  if (!found.has(first) || !found.has(last)) return false
  if (wanted <= 2) return true
  let within = 0
  for (const startMs of found) if (startMs >= first && startMs <= last) within += 1
  return within === wanted
}

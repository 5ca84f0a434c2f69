import type { HotEntry, Snapshot } from '@poglog/hot-store'
import { comparePositions, recordFromStored } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { hotPages } from './hot-pages.ts'
import type { HotPageSource } from './hot-pages.ts'
import { isRangeWanted, isSeenWanted, isTimeWanted, placesIn, recordTest } from './log-query.ts'
import type { ChannelQuery } from './log-query.ts'
import type { Run } from './run.ts'
import { arrivalOf } from './stream-id.ts'

/**
 * The hot records of a channel, from the snapshot's boundary on, as runs of a page each.
 *
 * They lie in order of arrival, so pages overlap in their sent times: hardly for live chat, wholly where
 * an old file was replayed. What that costs is decided by whoever merges the runs.
 *
 * @throws {TrimmedError} when the trim overtook the reading; so may the runs.
 */
export async function hotRuns(
  query: ChannelQuery,
  snapshot: Snapshot,
  deps: ReadDeps,
): Promise<Run[]> {
  const pages = await hotPages(query, snapshot, deps)
  return pages
    .filter(({ bounds }) => isRangeWanted(query, bounds))
    .filter(({ bounds: { lastId, maxMs } }) =>
      isSeenWanted(query, { arrivedToMs: arrivalOf(lastId), maxMs }),
    )
    .map((page) => pageRun(page, query, deps))
}

function pageRun(
  { bounds, read }: HotPageSource,
  query: ChannelQuery,
  { onEqualKeys }: ReadDeps,
): Run {
  const { minMs, maxMs } = bounds
  return {
    minMs,
    maxMs,
    isSorted: true,
    async *open(after) {
      const sorted = wantedRecords(await read(), { ...query, after })
      const records = distinct(sorted)
      if (records.length < sorted.length) onEqualKeys(sorted.length - records.length)
      if (records.length > 0) yield records
    },
  }
}

function wantedRecords(entries: readonly HotEntry[], query: ChannelQuery): LogRecord[] {
  const { userId, types, after } = query
  const typeNames: ReadonlySet<string> = types
  const compare = placesIn(query.order)
  const isWanted = recordTest(query)
  const records: LogRecord[] = []
  for (const entry of entries) {
    if (!isTimeWanted(query, entry.sentAtMs) || !typeNames.has(entry.type)) continue
    if (userId !== undefined && entry.userId !== userId) continue
    const { record } = recordFromStored(entry)
    if (after !== undefined && compare(record, after) <= 0) continue
    if (isWanted === undefined || isWanted(record)) records.push(record)
  }
  return records.toSorted(compare)
}

/**
 * Of equal records the one that arrived first. A replay that comes after the append script forgot its
 * keys puts a record into a page twice; counted against a limit it would end a page early.
 */
function distinct(sorted: readonly LogRecord[]): LogRecord[] {
  return sorted.filter((record, at) => {
    const before = sorted[at - 1]
    return before === undefined || comparePositions(before, record) !== 0
  })
}

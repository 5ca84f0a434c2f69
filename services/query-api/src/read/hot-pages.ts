import type { HotEntry, HotPage, Snapshot } from '@poglog/hot-store'
import type { ReadDeps } from './deps.ts'
import { isRangeWanted } from './log-query.ts'
import type { ArrivalRange, ChannelQuery } from './log-query.ts'
import type { PageBounds } from './page-bounds.ts'
import { compareIds, lastIdBefore } from './stream-id.ts'
import { TrimmedError } from './start-over.ts'

/** A page of hot records: its bounds, and its entries where they were kept from the scan. */
export interface HotPageSource {
  readonly bounds: Omit<PageBounds, 'afterId'>
  /** Reads the page; what was kept is handed out once, so that it does not stay in memory. */
  readonly read: () => Promise<readonly HotEntry[]>
}

/**
 * Finds all pages of a channel's stream from the snapshot's boundary to its end.
 *
 * Pages that are not yet remembered are read for their bounds; the first `keptEntries`
 * entries of those in the query's range are kept, so that a usual query reads nothing twice.
 *
 * The scan ends where the stream does. It takes no upper bound of time, because arrivals can lie ahead
 * of Redis' clock (the floor, a clock that stepped back).
 *
 * @throws {TrimmedError} when the trim overtook the scan; so may `read`.
 */
export async function hotPages(
  query: ChannelQuery,
  snapshot: Snapshot,
  deps: ReadDeps,
): Promise<HotPageSource[]> {
  const { channelId, signal, arrival } = query
  if (arrival !== undefined) return await pagesOfArrival(arrival, query, { snapshot, deps })
  const { nowMs } = snapshot.state
  const { pageBounds, limits } = deps
  const first = snapshot.page
  const sources = first.entries.length === 0 ? [] : [keptPage(first.entries)]
  let left = limits.keptEntries
  let afterId = first.nextId
  if (afterId !== undefined) pageBounds.forgetBefore(channelId, afterId)
  while (afterId !== undefined) {
    signal?.throwIfAborted()
    const known = pageBounds.after(channelId, afterId)
    const isJoined = known[0]?.afterId === afterId
    if (isJoined) {
      sources.push(...known.map((bounds) => knownPage(bounds, query, deps)))
      afterId = known.at(-1)?.lastId
      continue
    }
    const page: HotPage = await readPage(afterId, query, deps)
    // A page that runs into remembered ones is cut where they begin.
    const entries = upTo(known[0]?.afterId, page.entries)
    const lastId = entries.at(-1)?.id
    if (lastId === undefined) {
      // Everything before the remembered pages has been erased; they may still hold something.
      afterId = page.entries.length === 0 ? undefined : known[0]?.afterId
      continue
    }
    const bounds = { ...sentRange(entries), afterId, lastId }
    if (entries.length === limits.pageEntries) pageBounds.add(channelId, bounds, nowMs)
    const isKept = left > 0 && isRangeWanted(query, bounds)
    if (isKept) left -= entries.length
    sources.push(
      isKept ? scannedPage(bounds, entries, { query, deps }) : knownPage(bounds, query, deps),
    )
    afterId = entries.length < page.entries.length ? lastId : page.nextId
  }
  return sources
}

/**
 * The pages of a range of arrivals, from the boundary on. They are not remembered: they need not meet the edges of those
 * that are.
 */
async function pagesOfArrival(
  { fromMs, toMs }: ArrivalRange,
  query: ChannelQuery,
  { snapshot, deps }: { readonly snapshot: Snapshot; readonly deps: ReadDeps },
): Promise<HotPageSource[]> {
  const { boundaryMs } = snapshot.state
  // From the boundary on only the snapshot's own page is safe from the trim.
  const isLater = fromMs > boundaryMs
  const first = isLater ? await readPage(lastIdBefore(fromMs), query, deps) : snapshot.page
  const sources = isBefore(toMs, first.entries) ? [keptPage(first.entries)] : []
  let left = deps.limits.keptEntries
  let afterId = sources.length === 0 ? undefined : first.nextId
  while (afterId !== undefined) {
    const { entries, nextId } = await readPage(afterId, query, deps)
    const lastId = entries.at(-1)?.id
    if (lastId === undefined || !isBefore(toMs, entries)) return sources
    const bounds = { ...sentRange(entries), afterId, lastId }
    const isKept = left > 0
    left -= entries.length
    sources.push(
      isKept ? scannedPage(bounds, entries, { query, deps }) : knownPage(bounds, query, deps),
    )
    afterId = nextId
  }
  return sources
}

/** Whether a page begins before an arrival; an empty one does not. */
function isBefore(timeMs: number, [first]: readonly HotEntry[]): boolean {
  return first !== undefined && first.receivedAtMs < timeMs
}

/** The snapshot's own page stays: asking again for what begins at the boundary may meet the trim. */
function keptPage(entries: readonly HotEntry[]): HotPageSource {
  const lastId = entries.at(-1)?.id ?? ''
  return { bounds: { ...sentRange(entries), lastId }, read: async () => entries }
}

function knownPage(bounds: PageBounds, query: ChannelQuery, deps: ReadDeps): HotPageSource {
  return {
    bounds,
    async read() {
      const { entries } = await readPage(bounds.afterId, query, deps)
      // An erased entry makes room for one of the next page, which is read on its own.
      return upTo(bounds.lastId, entries)
    },
  }
}

function scannedPage(
  bounds: PageBounds,
  entries: readonly HotEntry[],
  { query, deps }: { readonly query: ChannelQuery; readonly deps: ReadDeps },
): HotPageSource {
  const again = knownPage(bounds, query, deps)
  let kept: readonly HotEntry[] | undefined = entries
  return {
    bounds,
    async read() {
      const handedOut = kept ?? (await again.read())
      kept = undefined
      return handedOut
    },
  }
}

async function readPage(
  afterId: string,
  { channelId, signal }: ChannelQuery,
  { hot, limits }: ReadDeps,
): Promise<HotPage> {
  signal?.throwIfAborted()
  const shard = hot.shardOf(channelId)
  const page = await hot.readPage({ shard, channelId, afterId, maxEntries: limits.pageEntries })
  if (page === 'retry') throw new TrimmedError('hot records were trimmed while they were read')
  return page
}

function upTo(lastId: string | undefined, entries: readonly HotEntry[]): readonly HotEntry[] {
  const newestId = entries.at(-1)?.id
  if (lastId === undefined || newestId === undefined) return entries
  if (compareIds(newestId, lastId) <= 0) return entries
  return entries.filter(({ id }) => compareIds(id, lastId) <= 0)
}

function sentRange(entries: readonly HotEntry[]): { minMs: number; maxMs: number } {
  let minMs = Number.POSITIVE_INFINITY
  let maxMs = Number.NEGATIVE_INFINITY
  for (const { sentAtMs } of entries) {
    if (sentAtMs < minMs) minMs = sentAtMs
    if (sentAtMs > maxMs) maxMs = sentAtMs
  }
  return { minMs, maxMs }
}

import type { RowGroupPlace } from './footer.ts'
import { fetchBytes } from './fetch-bytes.ts'
import { LoadQueue } from './load-queue.ts'
import { openSegment } from './open-segment.ts'
import type { OpenOptions } from './open-segment.ts'
import { compareRecords } from './order.ts'
import { spansOf } from './read-plan.ts'
import type { Span } from './read-plan.ts'
import { RowGroupReader } from './row-group-reader.ts'
import type { OpenedSegment } from './row-group-reader.ts'
import type { LogRecord, SegmentSource } from './types.ts'

/** With a key wanted in so many rows, a row group is read whole, together with its neighbours. */
const ROWS_A_KEY_FOR_WHOLE = 16
const LIMITS = { firstGroups: Infinity, bytesMax: 4_194_304 } as const
const AHEAD = 2

type Wanted = Pick<LogRecord, 'channelId' | 'sentAtMs' | 'key'>
/** Channel id, sent time, keys. */
type WantedKeys = ReadonlyMap<string, ReadonlyMap<number, ReadonlySet<string>>>

/**
 * Says which of some records a segment holds already: the keys of those whose channel, sent time and
 * key are all in it. Reads only row groups whose statistics allow one: where few keys are looked up, only the columns it
 * takes, where many are, neighbouring row groups together in requests of some megabytes, two of which are held at a time.
 *
 * @throws {SegmentError} and what the store throws.
 */
export async function knownKeys(
  source: SegmentSource,
  records: readonly Wanted[],
  { footers, signal }: OpenOptions = {},
): Promise<Set<string>> {
  const known = new Set<string>()
  if (records.length === 0) return known
  const footer = await openSegment(source, { footers, signal })
  const segment = { source, footer }
  const sorted = records.toSorted(compareRecords)
  const candidates = new Map<RowGroupPlace, readonly Wanted[]>()
  for (const group of footer.rowGroups) {
    const wanted = candidatesIn(group, sorted)
    if (wanted.length > 0) candidates.set(group, wanted)
  }
  const spans = spansOf(
    [...candidates.keys()],
    (group) => (candidates.get(group)?.length ?? 0) * ROWS_A_KEY_FOR_WHOLE >= group.rows,
    LIMITS,
  )
  const stopped = new AbortController()
  const either = signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal])
  const queue = new LoadQueue(spans, (span) => readersOf(segment, span, either))
  try {
    queue.ask(AHEAD)
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      for (const reader of await next) {
        await addKnown(
          reader,
          { wanted: wantedKeys(candidates.get(reader.place) ?? []), known },
          either,
        )
      }
      queue.ask(AHEAD)
    }
  } finally {
    stopped.abort()
  }
  return known
}

async function readersOf(
  segment: OpenedSegment,
  { groups, isWhole }: Span,
  signal: AbortSignal,
): Promise<RowGroupReader[]> {
  if (isWhole) {
    const { source, footer } = segment
    const fetched = await fetchBytes(source, footer.layout, { ranges: groups, signal })
    return groups.map((group) => new RowGroupReader(segment, group, fetched))
  }
  return await Promise.all(
    groups.map(async (group) => {
      const reader = new RowGroupReader(segment, group)
      await reader.fetchColumns(['channel_id', 'sent_at'], signal)
      return reader
    }),
  )
}

async function addKnown(
  reader: RowGroupReader,
  { wanted, known }: { wanted: WantedKeys; known: Set<string> },
  signal: AbortSignal,
): Promise<void> {
  const rows = reader.decode('channels and sent times', () => {
    const channelIds = reader.column('channel_id')
    const sent = reader.column('sent_at')
    const found: number[] = []
    for (let row = 0; row < reader.place.rows; row += 1) {
      if (wanted.get(channelIds.text(row) ?? '')?.has(sent.number(row)) === true) found.push(row)
    }
    return found
  })
  if (rows.length === 0) return
  if (!reader.has('id')) await reader.fetchRows(rows, signal, ['channel_id', 'sent_at', 'id'])
  for (const row of rows) {
    const key = reader.key(row)
    if (wanted.get(reader.channelId(row))?.get(reader.sentAtMs(row))?.has(key) === true)
      known.add(key)
  }
}

/** `sorted` is in the order of `compareRecords`. */
function candidatesIn(group: RowGroupPlace, sorted: readonly Wanted[]): Wanted[] {
  const from = firstIndex(sorted, ({ channelId }) => channelId >= group.channelMin)
  const to = firstIndex(sorted, ({ channelId }) => channelId > group.channelMax)
  return sorted
    .slice(from, to)
    .filter(({ sentAtMs }) => sentAtMs >= group.sentMinMs && sentAtMs <= group.sentMaxMs)
}

/** The first index from which on the test holds, by halving. */
function firstIndex(sorted: readonly Wanted[], test: (record: Wanted) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const record = sorted[middle]
    if (record !== undefined && test(record)) high = middle
    else low = middle + 1
  }
  return low
}

function wantedKeys(candidates: readonly Wanted[]): WantedKeys {
  const channels = new Map<string, Map<number, Set<string>>>()
  for (const { channelId, sentAtMs, key } of candidates) {
    const times = channels.get(channelId) ?? new Map<number, Set<string>>()
    channels.set(channelId, times)
    const keys = times.get(sentAtMs) ?? new Set<string>()
    times.set(sentAtMs, keys)
    keys.add(key)
  }
  return channels
}

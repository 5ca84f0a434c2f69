import {
  compareRecords,
  encodeSegment,
  logRejection,
  readSegment,
  recordFromLine,
} from '@poglog/log-format'
import type { LogRecord, SegmentIdentity } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'

/** What became of the lines of one file. */
export interface LinesReport {
  readonly lines: number
  /** How many are records; the others went through a segment as the text of one. */
  readonly logged: number
  /** How many segments it took: lines with the same key go to different ones. */
  readonly segments: number
  readonly failures: readonly string[]
}

interface Place {
  readonly record: LogRecord
  readonly index: number
}

/** Where lines go that name no channel. */
const NO_CHANNEL = '0'

/**
 * Sends every line of a file through segments in `store` and compares what comes back, in the
 * order of the file, with the bytes of the file.
 */
export async function roundTrip(file: Uint8Array, store: ObjectStore): Promise<LinesReport> {
  const text = Buffer.from(file).toString('utf8')
  const lines = text.split('\n')
  const places = lines.map((line, index) => ({ record: recordOf(line, index), index }))
  const found: (string | undefined)[] = lines.map(() => undefined)
  let left: Place[] = places
  let segments = 0
  while (left.length > 0) {
    const { now, later } = withoutDoubles(left)
    for (const { raw, index } of await throughSegment(now, { store, number: segments })) {
      found[index] = raw
    }
    left = later
    segments += 1
  }
  return {
    lines: lines.filter((line) => line !== '').length,
    logged: lines.filter((line) => isLogged(line)).length,
    segments,
    failures: failuresOf(lines, found, file),
  }
}

function isLogged(line: string): boolean {
  return logRejection(line, { receivedAtMs: 0, channelId: NO_CHANNEL }) === undefined
}

/** The line as a record; one that is none becomes the whole line of a made-up one. */
function recordOf(line: string, index: number): LogRecord {
  const record = recordFromLine(line, { receivedAtMs: index, channelId: NO_CHANNEL })
  if (record !== undefined) return { ...record, raw: line }
  return {
    channelId: NO_CHANNEL,
    channelLogin: '',
    userId: '',
    sentAtMs: index,
    receivedAtMs: index,
    type: 'NOTICE',
    key: index.toString(16).padStart(32, '0'),
    raw: line,
  }
}

/** In a segment no two records have the same place; the doubles wait for the next. */
function withoutDoubles(places: readonly Place[]): { now: Place[]; later: Place[] } {
  const now = new Map<string, Place>()
  const later: Place[] = []
  for (const place of places) {
    const id = idOf(place.record)
    if (now.has(id)) later.push(place)
    else now.set(id, place)
  }
  return { now: [...now.values()], later }
}

async function throughSegment(
  places: readonly Place[],
  { store, number }: { store: ObjectStore; number: number },
): Promise<{ raw: string; index: number }[]> {
  const identity: SegmentIdentity = {
    shard: 0,
    shards: 1,
    number,
    projection: 'by-channel',
    level: 'day',
    arrivalFromMs: 0,
    arrivalToMs: places.length,
  }
  const sorted = places.toSorted((a, b) => compareRecords(a.record, b.record))
  const { body, summary } = await encodeSegment(
    sorted.map(({ record }) => record),
    identity,
  )
  const key = `segment-${number}.parquet`
  await store.put(key, body)
  const indexes = new Map(places.map(({ record, index }) => [idOf(record), index]))
  const query = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, order: 'asc' } as const
  const back: { raw: string; index: number }[] = []
  for await (const batch of readSegment({ store, key, sizeBytes: summary.sizeBytes }, query)) {
    for (const record of batch) {
      back.push({ raw: record.raw, index: indexes.get(idOf(record)) ?? -1 })
    }
  }
  return back
}

function idOf({ channelId, sentAtMs, key }: LogRecord): string {
  return `${channelId} ${sentAtMs} ${key}`
}

function failuresOf(
  lines: readonly string[],
  found: readonly (string | undefined)[],
  file: Uint8Array,
): string[] {
  const faults = lines.flatMap((line, index) => {
    const raw = found[index]
    if (raw === line) return []
    return [`line ${index + 1}: ${raw === undefined ? 'lost' : 'came back different'}`]
  })
  // Lines that are equal as text may still have been broken UTF-8 in the file.
  const isSame = faults.length > 0 || Buffer.from(found.join('\n')).equals(file)
  return isSame ? faults : ['the bytes of the file are not those of its text']
}

import { pathToFileURL } from 'node:url'
import type { SegmentEntry } from '@poglog/hot-store'
import { compareRecords, encodeSegment, segmentKey, verifySegment } from '@poglog/log-format'
import type { LogRecord, SegmentIdentity } from '@poglog/log-format'
import { openObjectStore } from '@poglog/object-store'
import { monotonicFactory } from 'ulid'
import { z } from 'zod'
import { chatHours, DAY_MS, HOUR_MS, START_MS } from './archive/chat.ts'
import type { ChatHour } from './archive/chat.ts'
import { childInput } from './archive/child.ts'
import { scaleSchema } from './archive/schemas.ts'
import { Stopwatch } from './archive/stopwatch.ts'

/**
 * Seals every `parts`-th day of a scale's chat, hour by hour, as the archiver does: encoded, stored, read back whole and
 * compared. Prints the entries for the manifest of the only shard as JSON.
 */
const { scale, dir, part, parts } = z
  .object({ scale: scaleSchema, dir: z.string(), part: z.number(), parts: z.number() })
  .parse(childInput())

const store = await openObjectStore({ url: pathToFileURL(dir).href })
const watch = new Stopwatch()
const newUlid = monotonicFactory()
const entries: SegmentEntry[] = []
for await (const hour of chatHours(scale)) {
  const day = Math.floor((hour.startMs - START_MS) / DAY_MS)
  if (day % parts !== part) continue
  entries.push(await sealHour(hour))
}
const records = entries.reduce((sum, entry) => sum + entry.records, 0)
console.log(JSON.stringify({ entries, records, cpuMs: watch.cpuMs }))

async function sealHour({ startMs, records: arrived }: ChatHour): Promise<SegmentEntry> {
  const identity: SegmentIdentity = {
    shard: 0,
    shards: 1,
    number: 1 + Math.floor((startMs - START_MS) / HOUR_MS),
    projection: 'by-channel',
    level: 'hour',
    arrivalFromMs: startMs,
    arrivalToMs: startMs + HOUR_MS,
  }
  const key = segmentKey(identity, newUlid(startMs + HOUR_MS))
  const { body, summary } = await watch.time(
    async () => await encodeSegment([inOrder(arrived)], identity),
  )
  await store.put(key, body)
  const source = { store, key, sizeBytes: summary.sizeBytes }
  const stored = await watch.time(async () => await verifySegment(source))
  if (stored.digest !== summary.digest) throw new Error(`${key} is not what was written`)
  const { number, projection, level, arrivalFromMs, arrivalToMs } = identity
  return { number, key, projection, level, arrivalFromMs, arrivalToMs, ...summary }
}

/** In the order of a segment; two NOTICEs of a channel in one millisecond are one record. */
function inOrder(arrived: readonly LogRecord[]): LogRecord[] {
  const sorted = arrived.toSorted(compareRecords)
  return sorted.filter((record, index) => {
    const before = sorted[index - 1]
    return before === undefined || compareRecords(before, record) !== 0
  })
}

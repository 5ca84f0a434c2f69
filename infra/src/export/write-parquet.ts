import { tmpdir } from 'node:os'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { compareRecords, createSorter, encodeSegment } from '@poglog/log-format'
import type { LogRecord, SegmentIdentity } from '@poglog/log-format'
import { Problem } from '../problem.ts'
import type { WriteExportOptions } from './write-export.ts'

/** The latest arrival a footer tells when the export has no end: what an ISO date can still say. */
const ARRIVAL_MS_MAX = Date.UTC(9999, 11, 31)
const RECORD_OVERHEAD_BYTES = 300

type Records = AsyncIterable<readonly LogRecord[]>

/**
 * Writes a by-channel segment as FORMAT.md describes it, with no place in the archive: its number is 0.
 *
 * @throws {Problem} when there is no record: a segment has at least one.
 */
export async function writeParquet(
  records: Records,
  path: string,
  options: WriteExportOptions,
): Promise<void> {
  const { channelId, userId, fromMs, toMs, shards, signal } = options
  const identity: SegmentIdentity = {
    shard: 0,
    shards,
    number: 0,
    projection: 'by-channel',
    level: 'day',
    arrivalFromMs: fromMs,
    arrivalToMs: Math.min(toMs, ARRIVAL_MS_MAX),
  }
  // A user's records over all channels are in the order of their times; a segment's begins with the channel.
  const isSorted = userId === undefined || channelId !== undefined
  const isEmpty = 'there is nothing to export: no record matches'
  if (isSorted) await encodeSegment(nonEmpty(records, isEmpty), identity, { path, signal })
  else {
    const workDir = await mkdtemp(join(tmpdir(), 'poglog-export-'))
    try {
      await using sorter = createSorter<LogRecord>({
        compare: compareRecords,
        sizeOf: ({ raw }) => raw.length + RECORD_OVERHEAD_BYTES,
        workDir,
        signal,
      })
      for await (const batch of records) await sorter.add(batch.map(plain))
      await encodeSegment(nonEmpty(sorter.sorted(), isEmpty), identity, { path, signal })
    } finally {
      await rm(workDir, { recursive: true, force: true })
    }
  }
}

async function* nonEmpty(records: Records, problem: string): AsyncGenerator<readonly LogRecord[]> {
  let isEmpty = true
  for await (const batch of records) {
    isEmpty &&= batch.length === 0
    yield batch
  }
  if (isEmpty) throw new Problem(problem)
}

/** A record out of a segment decodes its line when asked; a sorter takes plain data only. */
function plain(record: LogRecord): LogRecord {
  const { channelId, channelLogin, userId, sentAtMs, receivedAtMs, type, key, raw } = record
  return { channelId, channelLogin, userId, sentAtMs, receivedAtMs, type, key, raw }
}

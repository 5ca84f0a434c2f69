import { channelGroups } from './channels.ts'
import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { channelsKey, checkedTimeMs, segmentsKey, stateKey, streamKey } from './keys.ts'
import { encodeSegmentEntry } from './manifest.ts'
import { readState } from './reading.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { loadScript } from './script.ts'
import type { CommitResult, Freeze, SegmentEntry } from './types.ts'

const FREEZE = loadScript('freeze')
const COMMIT = loadScript('commit')
const TRIM_BEGIN = loadScript('trim-begin')
const TRIM_SLICE = loadScript('trim-slice')

/** Entries removed by one script call: Redis is blocked for well under a millisecond. */
const SLICE_ENTRIES = 2000

/** A stream node holds 100 entries by default, and a smaller limit than a node removes nothing. */
const SLICE_ENTRIES_MIN = 100

/** Channels trimmed at a time. */
const TRIM_CONCURRENCY = 8

/** What a commit puts into the manifest. */
export interface Commit {
  /** The new boundary, at most the freeze's cut; lower when the sealer stopped early. */
  readonly cutMs: number
  /** The segment written; `undefined` when there was nothing to store and only the boundary moves. */
  readonly segment: SegmentEntry | undefined
  /** Stream entries in `[boundary, cutMs)`, with those that were dropped as equal or late: they leave hot too. */
  readonly records: number
  /** Bytes of their raw lines in UTF-8; where it is absent, hot seems larger until it is empty. */
  readonly rawBytes?: number | undefined
}

/** What a trim removes, and how much at a time. */
export interface TrimOptions {
  /** Arrival, exclusive. At most the boundary. */
  readonly beforeMs: number
  readonly sliceEntries?: number | undefined
}

export async function freeze(
  shard: number,
  cutMs: number,
  connection: Connection,
): Promise<Freeze> {
  const args = [checkedTimeMs(cutMs)]
  const reply = await connection.runReplicated({ script: FREEZE, keys: [stateKey(shard)], args })
  const [epoch, next, boundary, facts] = toArray(reply)
  return {
    shard,
    epoch: toInteger(epoch),
    next: toInteger(next),
    boundaryMs: toInteger(boundary),
    cutMs,
    facts: toText(facts),
  }
}

export async function check(frozen: Freeze, connection: Connection): Promise<boolean> {
  const state = await readState(frozen.shard, connection)
  return (
    state.epoch === frozen.epoch &&
    state.next === frozen.next &&
    state.boundaryMs === frozen.boundaryMs &&
    state.floorMs >= frozen.cutMs
  )
}

export async function commit(
  frozen: Freeze,
  { cutMs, segment, records, rawBytes = 0 }: Commit,
  connection: Connection,
): Promise<CommitResult> {
  if (checkedTimeMs(cutMs) > frozen.cutMs || cutMs < frozen.boundaryMs) {
    throw new HotStoreError(
      'invalid',
      `cut ${cutMs} lies outside [${frozen.boundaryMs}, ${frozen.cutMs}]`,
    )
  }
  if (segment !== undefined && segment.number !== frozen.next) {
    throw new HotStoreError('invalid', `segment ${segment.number} is not the frozen ${frozen.next}`)
  }
  for (const count of [records, rawBytes]) {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new HotStoreError('invalid', `not a number of records, or of bytes: ${count}`)
    }
  }
  const json = segment === undefined ? '' : encodeSegmentEntry(segment)
  const reply = await connection.runReplicated({
    script: COMMIT,
    keys: [stateKey(frozen.shard), segmentsKey(frozen.shard)],
    args: [
      frozen.epoch,
      frozen.next,
      frozen.boundaryMs,
      cutMs,
      records,
      json,
      segment?.key ?? '',
      frozen.facts,
      rawBytes,
    ],
  })
  if (reply === 'committed' || reply === 'already' || reply === 'stale') return reply
  throw new HotStoreError('corrupt', 'the commit script answered something else')
}

export async function trim(
  shard: number,
  { beforeMs, sliceEntries = SLICE_ENTRIES }: TrimOptions,
  connection: Connection,
): Promise<{ removed: number }> {
  const args = [checkedTimeMs(beforeMs)]
  const begun = await connection.runReplicated({
    script: TRIM_BEGIN,
    keys: [stateKey(shard)],
    args,
  })
  if (begun === 'REFUSED') throw beyondBoundary(shard, beforeMs)

  const slice = { shard, beforeMs, sliceEntries: Math.max(SLICE_ENTRIES_MIN, sliceEntries) }
  let removed = 0
  for await (const channelIds of channelGroups(shard, connection)) {
    for (let from = 0; from < channelIds.length; from += TRIM_CONCURRENCY) {
      const group = channelIds.slice(from, from + TRIM_CONCURRENCY)
      const counts = await Promise.all(group.map((id) => trimChannel(id, slice, connection)))
      removed += counts.reduce((sum, count) => sum + count, 0)
    }
  }
  return { removed }
}

interface Slice {
  readonly shard: number
  readonly beforeMs: number
  readonly sliceEntries: number
}

async function trimChannel(
  channelId: string,
  slice: Slice,
  connection: Connection,
): Promise<number> {
  const { shard, beforeMs, sliceEntries } = slice
  const call = {
    script: TRIM_SLICE,
    keys: [stateKey(shard), streamKey(shard, channelId), channelsKey(shard)],
    args: [beforeMs, channelId, sliceEntries],
  }
  let removed = 0
  for (;;) {
    const reply = await connection.run(call)
    if (reply === 'REFUSED') throw beyondBoundary(shard, beforeMs)
    const [count, isDone] = toArray(reply)
    removed += toInteger(count)
    if (isDone === 1) return removed
  }
}

const beyondBoundary = (shard: number, beforeMs: number): HotStoreError =>
  new HotStoreError('invalid', `trim of shard ${shard} to ${beforeMs} goes beyond its boundary`)

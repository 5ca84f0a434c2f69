import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster, Redis } from 'ioredis'
import { type HotStore, parseRedisUrl } from '../src/index.ts'
import { channelOfShard, segmentEntry } from '../src/testing.ts'
import type { Freeze, HotEntry, SegmentEntry } from '../src/types.ts'

/** Tests share a store and take a shard each, so that one's floor does not meet another's clock. */
export const SHARDS = 256

export interface TestDir extends AsyncDisposable {
  readonly path: string
}

export async function testDir(): Promise<TestDir> {
  const path = await mkdtemp(join(tmpdir(), 'hot-store-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A client that goes around the store, to look at keys and to break them. */
export function rawClient(url: string): Redis | Cluster {
  const target = parseRedisUrl(url)
  const client = target.kind === 'cluster' ? new Cluster(target.nodes) : new Redis(target.options)
  // Servers come and go in these tests; a command that needs one fails by itself.
  return client.on('error', () => undefined)
}

/** A shard nobody has used, and some of its channels. */
export interface Place {
  readonly shard: number
  readonly channelId: string
  readonly channelIds: readonly string[]
}

let used = 0
export function freshPlace(channels = 1): Place {
  const shard = used
  used += 1
  if (shard >= SHARDS) throw new Error('more tests than shards')
  const channelIds = Array.from({ length: channels }, (_, index) =>
    channelOfShard(shard, SHARDS, index + 1),
  )
  return { shard, channelId: channelIds[0] ?? '', channelIds }
}

/** Everything of a channel that arrived in `[fromMs, toMs)`. */
export async function entriesOf(
  hot: HotStore,
  {
    shard,
    channelId,
    fromMs = 0,
    toMs = 1e14,
  }: Pick<Place, 'shard' | 'channelId'> & { fromMs?: number; toMs?: number },
): Promise<HotEntry[]> {
  const pages = await Array.fromAsync(
    hot.readRange({ shard, channelId, fromMs, toMs, maxEntries: 3 }),
  )
  return pages.flat()
}

export const segmentOf = (frozen: Freeze, given: Partial<SegmentEntry> = {}): SegmentEntry =>
  segmentEntry({
    number: frozen.next,
    key: `by-channel/hour-${frozen.next}-${frozen.epoch}.parquet`,
    arrivalFromMs: frozen.boundaryMs,
    arrivalToMs: frozen.cutMs,
    ...given,
  })

/** Freezes and commits everything before the cut, as a sealer would. */
export async function seal(hot: HotStore, shard: number, cutMs: number): Promise<Freeze> {
  const frozen = await hot.freeze(shard, cutMs)
  let records = 0
  for await (const channelId of hot.channels(shard)) {
    records += (await entriesOf(hot, { shard, channelId, fromMs: frozen.boundaryMs, toMs: cutMs }))
      .length
  }
  const segment = segmentOf(frozen, { records })
  const result = await hot.commit(frozen, { cutMs, segment, records })
  if (result !== 'committed') throw new Error(`the seal was ${result}`)
  return frozen
}

/** What was said in a channel, in order of arrival. */
export async function textsOf(
  hot: HotStore,
  place: { readonly shard: number; readonly channelId: string },
): Promise<string[]> {
  return (await entriesOf(hot, place)).map(({ raw }) => raw.split(' :').at(-1) ?? '')
}

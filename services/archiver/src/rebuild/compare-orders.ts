import { DigestSum, readSegment, WordCounter } from '@poglog/log-format'
import type { Finding, NamedSegment, VerifyDeps } from './verify.ts'

const EVERYTHING = {
  fromMs: Number.MIN_SAFE_INTEGER,
  toMs: Number.MAX_SAFE_INTEGER,
  order: 'asc',
} as const
/** Rows of words held before they are added up into a digest. */
const HELD_ROWS_MAX = 200_000

/** What one shard (of channels or users) holds, in one order. */
class Tally {
  records = 0
  readonly digest = new DigestSum()
}

/**
 * Compares the orders by their additive digests: records that belong to a user in covered by-channel segments against
 * by-user segments, a user shard at a time; words counted anew against words segments, a channel shard at a time.
 * Reads the covered by-channel segments once; of the others their manifest entries, proven before, are enough.
 */
export async function compareOrders(
  named: readonly NamedSegment[],
  { cold, hot, signal }: VerifyDeps,
  onBytes: (bytes: number) => void,
): Promise<Finding[]> {
  const shards = Array.from({ length: hot.shards }, (_, shard) => shard)
  const users = shards.map(() => new Tally())
  const words = shards.map(() => new Tally())
  let bytes = 0
  for (const { scope, entry } of named) {
    if (entry.projection !== 'by-channel' || entry.level === 'hour') continue
    const counter = new WordCounter()
    const wordTally = scope === 'users' ? undefined : words[scope]
    const source = { store: cold, key: entry.key, sizeBytes: entry.sizeBytes }
    for await (const batch of readSegment(source, { ...EVERYTHING, signal })) {
      for (const record of batch) {
        counter.add(record)
        const tally = record.userId === '' ? undefined : users[hot.userShardOf(record.userId)]
        if (tally === undefined) continue
        tally.records += 1
        tally.digest.add(record)
      }
      if (counter.size >= HELD_ROWS_MAX) addWords(counter, wordTally)
    }
    addWords(counter, wordTally)
    bytes += entry.sizeBytes
    onBytes(bytes)
  }
  return [
    ...shards.flatMap((shard) => userFinding(shard, users[shard], named)),
    ...shards.flatMap((shard) => wordFinding(shard, words[shard], named)),
  ]
}

function addWords(counter: WordCounter, tally: Tally | undefined): void {
  for (const row of counter.take()) {
    if (tally === undefined) continue
    tally.digest.addWords(row)
    if (row.word === '') tally.records += row.count
  }
}

function userFinding(
  shard: number,
  expected: Tally | undefined,
  named: readonly NamedSegment[],
): Finding[] {
  const own = named.filter(({ entry }) => entry.projection === 'by-user' && entry.users === shard)
  const stored = sumOf(own)
  if (expected === undefined || stored.digest === expected.digest.toString()) return []
  const problem = `holds ${stored.records} records, the by-channel order ${expected.records}, or they differ`
  return [{ key: `by-user, user shard ${shard}`, problem }]
}

function wordFinding(
  shard: number,
  expected: Tally | undefined,
  named: readonly NamedSegment[],
): Finding[] {
  const own = named.filter(({ scope, entry }) => entry.projection === 'words' && scope === shard)
  if (expected === undefined || sumOf(own).digest === expected.digest.toString()) return []
  const problem = `the counts differ from those of the ${expected.records} messages of the by-channel order`
  return [{ key: `words, shard ${shard}`, problem }]
}

function sumOf(named: readonly NamedSegment[]): { records: number; digest: string } {
  const sum = new DigestSum()
  let records = 0
  for (const { entry } of named) {
    sum.addDigest(entry.digest)
    records += entry.records
  }
  return { records, digest: sum.toString() }
}

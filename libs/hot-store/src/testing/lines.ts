import { createHash } from 'node:crypto'
import { shardOf } from '../keys.ts'
import type { AppendLine, SegmentEntry } from '../types.ts'

/** A line to append; the key comes from the text unless given. */
export function appendLine(
  line: Partial<AppendLine> & { readonly text?: string } = {},
): AppendLine {
  const { text = 'hello', ...given } = line
  const channelId = given.channelId ?? '22484632'
  const userId = given.userId ?? '1001'
  const sentAtMs = 'sentAtMs' in given ? given.sentAtMs : 1_760_000_000_000
  const raw =
    given.raw ?? `@room-id=${channelId};user-id=${userId} :a!a@a.tmi.twitch.tv PRIVMSG #a :${text}`
  const key = given.key ?? createHash('md5').update(raw).digest('hex')
  return { channelId, userId, sentAtMs, raw, key, type: given.type ?? 'PRIVMSG' }
}

/** A manifest entry. */
export function segmentEntry(given: Partial<SegmentEntry> = {}): SegmentEntry {
  return {
    number: 1,
    key: 'by-channel/date=2026-11-21/shard=00/hour-13-1-01JD.parquet',
    sizeBytes: 1000,
    projection: 'by-channel',
    level: 'hour',
    arrivalFromMs: 0,
    arrivalToMs: 1,
    sentMinMs: 0,
    sentMaxMs: 0,
    records: 1,
    digest: '0'.repeat(32),
    ...given,
  }
}

/** The `index`-th channel id (from 1) that belongs to a shard. */
export function channelOfShard(shard: number, shards: number, index = 1): string {
  let found = 0
  for (let id = 1; ; id += 1) {
    if (shardOf(String(id), shards) === shard) found += 1
    if (found === index) return String(id)
  }
}

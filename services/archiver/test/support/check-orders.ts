import assert from 'node:assert/strict'
import {
  WordCounter,
  addCounts,
  compareWordCounts,
  readWords,
  recordFromLine,
} from '@poglog/log-format'
import type { LogRecord, WordCount } from '@poglog/log-format'
import { DAY_MS, periodStart } from '../../src/period.ts'
import { CHANNELS } from './world.ts'
import type { Log } from './world.ts'

/** What the by-user order and the word counts do not have yet, and what they have. */
interface Found {
  readonly ofUsers: readonly LogRecord[]
  readonly uncovered: readonly LogRecord[]
  readonly rows: readonly WordCount[]
}

/**
 * Reads everything as queries for a user and for words do: folds, runs that no fold holds, sealed segments that are not
 * compacted and hot records of the channels that the sets name. Fails unless the users' records are those that
 * were acknowledged, each once, and the counts those of a count over them.
 */
export async function checkOrders(log: Log): Promise<void> {
  const expected = [...log.acknowledged.values()].map(recordOf)
  const found = await readOrders(log)
  const keys = new Set(found.ofUsers.map(({ key }) => key))
  assert.equal(keys.size, found.ofUsers.length, 'a record is twice in the by-user order')
  const others = found.uncovered.filter(({ key }) => !keys.has(key))
  const ofUsers = [...found.ofUsers, ...others].filter(({ userId }) => userId !== '')
  const wanted = expected.filter(({ userId }) => userId !== '')
  assert.deepEqual(sortedKeys(ofUsers), sortedKeys(wanted))
  assert.deepEqual(summed([...found.rows, ...count(found.uncovered)]), count(expected))
}

/** Once more when folds were added meanwhile, as a reader does. */
async function readOrders(log: Log): Promise<Found> {
  for (;;) {
    const view = await log.hot.usersView()
    const ofUsers: LogRecord[] = []
    const uncovered = new Map<string, LogRecord>()
    const rows: WordCount[] = []
    const covered = new Set<string>()
    for (const fold of view.folds) ofUsers.push(...(await ofShard(log, fold)))
    for (let shard = 0; shard < log.hot.shards; shard += 1) {
      for (const segment of await log.hot.manifest(shard)) {
        const { projection, level, number } = segment
        if (projection === 'words') rows.push(...(await rowsOf(log, segment)))
        if (level === 'run' && !view.absorbed.has(`${shard}:${number}`)) {
          ofUsers.push(...(await ofShard(log, segment)))
        }
        if (projection !== 'by-channel') continue
        const records = await log.read(segment)
        if (level === 'day') for (const { key } of records) covered.add(key)
        else for (const record of records) uncovered.set(record.key, record)
      }
    }
    for (const record of await hotRecords(log)) uncovered.set(record.key, record)
    for (const key of covered) uncovered.delete(key)
    for (const record of uncovered.values()) await assertIndexed(log, record)
    if ((await log.hot.usersView()).version === view.version) {
      return { ofUsers, uncovered: [...uncovered.values()], rows }
    }
  }
}

async function ofShard(log: Log, segment: Parameters<Log['read']>[0]) {
  const records = await log.read(segment)
  for (const { userId } of records) assert.equal(log.hot.userShardOf(userId), segment.users)
  return records
}

async function rowsOf(log: Log, { key, sizeBytes }: Parameters<Log['read']>[0]) {
  const rows: WordCount[] = []
  const source = { store: log.cold, key, sizeBytes }
  const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
  for await (const batch of readWords(source, everything)) rows.push(...batch)
  return rows
}

async function hotRecords(log: Log): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (const channelId of CHANNELS) {
    const query = { shard: log.hot.shardOf(channelId), channelId, maxEntries: 10_000 }
    for (const { raw } of (await log.hot.snapshot(query)).page.entries) records.push(recordOf(raw))
  }
  return records
}

/** A user's uncovered records are found by the sets of the day of their arrival. */
async function assertIndexed(log: Log, record: LogRecord): Promise<void> {
  const { userId, channelId, receivedAtMs } = record
  if (userId === '' || receivedAtMs === 0) return
  const dayMs = periodStart(receivedAtMs, DAY_MS)
  const shard = log.hot.shardOf(channelId)
  const channels = await log.hot.userChannels({ shard, userId, fromDayMs: dayMs, toDayMs: dayMs })
  assert.ok(channels.includes(channelId), `user ${userId} is not indexed in ${channelId}`)
}

function count(records: readonly LogRecord[]): WordCount[] {
  const counter = new WordCounter()
  for (const record of records) counter.add(record)
  return counter.take()
}

function summed(rows: readonly WordCount[]): WordCount[] {
  const sums: WordCount[] = []
  for (const row of rows.toSorted(compareWordCounts)) {
    const last = sums.at(-1)
    if (last !== undefined && compareWordCounts(last, row) === 0) {
      sums.splice(-1, 1, addCounts(last, row))
    } else sums.push(row)
  }
  return sums
}

const sortedKeys = (records: readonly LogRecord[]): string[] =>
  records.map(({ key }) => key).toSorted()

/** `receivedAtMs` 0 says that it is hot, or was never stored. */
function recordOf(raw: string): LogRecord {
  const record = recordFromLine(raw, { receivedAtMs: 0 })
  assert.ok(record !== undefined)
  return record
}

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHotStore } from '@poglog/hot-store'
import type { AppendLine, HotStore, SegmentEntry } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import { compareRecords, encodeSegment, readSegment, recordFromLine } from '@poglog/log-format'
import type { LogRecord, SegmentIdentity } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { Redis } from 'ioredis'
import { ulid } from 'ulid'
import { putVerified } from '../../src/compact/put-verified.ts'
import { untold } from '../../src/step.ts'

export const CHANNELS = ['11', '22', '33']
const PAGE_ENTRIES = 10_000
const HOUR_MS = 3_600_000

/** A Redis of its own with the stores that the tests of one file share. */
export async function startWorld({ shards = 1 } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'poglog-archiver-'))
  const server = await startRedisServer({ dir, appendfsync: 'everysec' })
  const raw = new Redis({ path: server.socketPath })
  const hot = await openHotStore({ url: server.url, shards })
  // Forgets at once what it has seen, as Redis has after ten minutes.
  const forgetful = await openHotStore({ url: server.url, shards, seenWindowMs: 1 })
  return {
    server,
    raw,
    hot,
    /** An empty log. */
    async fresh(cold: ObjectStore): Promise<Log> {
      await raw.flushall()
      return new Log({ hot, forgetful, cold })
    },
    async [Symbol.asyncDispose]() {
      raw.disconnect()
      hot.close()
      forgetful.close()
      await server.kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export type World = Awaited<ReturnType<typeof startWorld>>

/** A log under test: appends to it, and reads all of it by the readers' rules. */
export class Log {
  readonly hot: HotStore
  readonly cold: ObjectStore
  /** What was acknowledged: record key to raw line. */
  readonly acknowledged = new Map<string, string>()
  /** Records that are in two segments until a compaction. */
  readonly mayBeTwice = new Set<string>()
  readonly #forgetful: HotStore
  readonly #segments = new Map<string, readonly LogRecord[]>()
  readonly #lines: AppendLine[] = []
  readonly #sent = new Map<string, string>()
  readonly #again = new Set<string>()

  constructor(parts: { hot: HotStore; forgetful: HotStore; cold: ObjectStore }) {
    this.hot = parts.hot
    this.cold = parts.cold
    this.#forgetful = parts.forgetful
  }

  /** Appends new records over the channels. */
  async append(records: number): Promise<void> {
    const lines = Array.from({ length: records }, () => this.#newLine())
    for (const line of lines) {
      await this.hot.append(this.hot.shardOf(line.channelId), [line])
      this.acknowledged.set(line.key, line.raw)
    }
  }

  /**
   * Puts new records into a sealed segment of an hour long ago, as if they had arrived then, with some that an earlier
   * one has already: `again` are their places among all lines. Until they are compacted they are stored twice.
   */
  async sealPast(
    hourMs: number,
    { records, again = [] }: { records: number; again?: readonly number[] },
  ): Promise<void> {
    const added = Array.from({ length: records }, (_, at) => this.#newLine(hourMs + at * 1000))
    const repeated = again.flatMap((nth) => this.#lines[nth] ?? [])
    for (const { key } of repeated) this.mayBeTwice.add(key)
    const byShard = Map.groupBy([...added, ...repeated], (line) => this.hot.shardOf(line.channelId))
    for (const [shard, lines] of byShard) await this.#sealLines(shard, hourMs, lines)
    for (const { key, raw } of added) this.acknowledged.set(key, raw)
  }

  /** Appends a record again that was appended as the `nth`, after Redis has forgotten it. */
  async appendAgain(nth: number): Promise<void> {
    const line = this.#lines[nth]
    if (line === undefined) throw new Error(`no line ${nth}`)
    this.#again.add(line.key)
    await new Promise((resolve) => setTimeout(resolve, 4))
    await this.#forgetful.append(this.hot.shardOf(line.channelId), [line])
  }

  /**
   * Reads everything as a reader does: of each channel one snapshot, the segments that it names and the
   * hot records from its boundary on. Fails unless that is every record that was acknowledged before,
   * each once and byte for byte (Q1, Q2), before any merging has hidden a double. Only records that
   * were appended again may be in hot beside another copy, until the next seal.
   */
  async check(): Promise<void> {
    const must = [...this.acknowledged.keys()]
    const found = new Map<string, number>()
    for (const channelId of CHANNELS) {
      for (const { key, raw, isHot } of await this.#readChannel(channelId)) {
        assert.equal(raw, this.#sent.get(key))
        const times = found.get(key) ?? 0
        const isRepeated = (isHot && this.#again.has(key)) || this.mayBeTwice.has(key)
        found.set(key, isRepeated ? 1 : times + 1)
      }
    }
    const doubled = [...found].filter(([, times]) => times !== 1)
    const missing = must.filter((key) => !found.has(key))
    assert.deepEqual({ doubled, missing }, { doubled: [], missing: [] })
    await this.#checkHotBytes()
  }

  /** What is counted as hot must be what is there. */
  async #checkHotBytes(): Promise<void> {
    for (let shard = 0; shard < this.hot.shards; shard += 1) {
      let bytes = 0
      for (const channelId of CHANNELS.filter((id) => this.hot.shardOf(id) === shard)) {
        const { page } = await this.hot.snapshot({ shard, channelId, maxEntries: PAGE_ENTRIES })
        for (const { raw } of page.entries) bytes += Buffer.byteLength(raw)
      }
      assert.equal((await this.hot.state(shard)).hotBytes, bytes)
    }
  }

  /** The objects in the store that no manifest names. */
  async orphans(): Promise<string[]> {
    const { folds } = await this.hot.usersView()
    const named = new Set([...(await this.segments()), ...folds].map(({ key }) => key))
    const keys: string[] = []
    for await (const { key } of this.cold.list('')) if (!named.has(key)) keys.push(key)
    return keys
  }

  /** The manifests of all shards. */
  async segments(): Promise<SegmentEntry[]> {
    const all: SegmentEntry[] = []
    for (let shard = 0; shard < this.hot.shards; shard += 1) {
      all.push(...(await this.hot.manifest(shard)))
    }
    return all
  }

  async #readChannel(channelId: string): Promise<{ key: string; raw: string; isHot: boolean }[]> {
    const shard = this.hot.shardOf(channelId)
    const query = { shard, channelId, maxEntries: PAGE_ENTRIES }
    const { segments, page } = await this.hot.snapshot(query)
    const all: { key: string; raw: string; isHot: boolean }[] = []
    for (const segment of segments) {
      if (segment.projection !== 'by-channel') continue
      for (const { channelId: other, key, raw } of await this.read(segment)) {
        if (other === channelId) all.push({ key, raw, isHot: false })
      }
    }
    assert.equal(page.nextId, undefined)
    for (const entry of page.entries) {
      const record = recordFromLine(entry.raw, entry)
      assert.ok(record !== undefined)
      all.push({ key: record.key, raw: record.raw, isHot: true })
    }
    return all
  }

  /** All records of a segment. */
  async read({ key, sizeBytes, records }: SegmentEntry): Promise<readonly LogRecord[]> {
    if ((await this.cold.size(key)) === undefined) throw new Error(`object ${key} is gone`)
    const known = this.#segments.get(key)
    if (known !== undefined) return known
    const all: LogRecord[] = []
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, order: 'asc' } as const
    const source = { store: this.cold, key, sizeBytes }
    for await (const batch of readSegment(source, range)) all.push(...batch)
    assert.equal(all.length, records)
    this.#segments.set(key, all)
    return all
  }

  async #sealLines(shard: number, hourMs: number, lines: readonly AppendLine[]): Promise<void> {
    const sorted = lines.flatMap(({ raw, sentAtMs = 0 }) => {
      const record = recordFromLine(raw, { receivedAtMs: sentAtMs + 100 })
      return record === undefined ? [] : [record]
    })
    sorted.sort(compareRecords)
    const reservation = await this.hot.reserve(shard, 1)
    const identity: SegmentIdentity = {
      shard,
      shards: this.hot.shards,
      number: reservation.first,
      projection: 'by-channel',
      level: 'hour',
      arrivalFromMs: hourMs,
      arrivalToMs: hourMs + HOUR_MS,
    }
    const pairs = sorted
      .filter(({ userId }) => userId !== '')
      .map(({ userId, channelId }) => [userId, channelId] as const)
    await this.hot.indexUsers(shard, hourMs, pairs)
    const encoded = await encodeSegment([sorted], identity)
    const entry = await putVerified(
      { identity, ulid: ulid(hourMs + HOUR_MS), encoded },
      { cold: this.cold, step: untold },
    )
    await this.hot.swap(reservation, { removed: [], added: [entry] })
  }

  #newLine(sentAtMs?: number): AppendLine {
    const line = lineOf(this.#lines.length, sentAtMs)
    this.#lines.push(line)
    this.#sent.set(line.key, line.raw)
    return line
  }
}

/** Most lines are a user's message, every fifth clears a channel and belongs to nobody. */
function lineOf(index: number, atMs = 1_760_000_000_000 + index * 7): AppendLine {
  const channelId = CHANNELS[index % CHANNELS.length] ?? ''
  const id = `4f0c7f9e-0000-4000-8000-${String(index).padStart(12, '0')}`
  const tags = `room-id=${channelId};tmi-sent-ts=${atMs}`
  const message = `@id=${id};${tags};user-id=${index % 4} :u!u@u.tmi.twitch.tv PRIVMSG #c${channelId} :Line ${index} Pog`
  const raw = index % 5 === 4 ? `@${tags} :tmi.twitch.tv CLEARCHAT #c${channelId}` : message
  const record = recordFromLine(raw, { receivedAtMs: 0 })
  if (record === undefined) throw new Error('test line does not parse')
  const { key, userId, type, sentAtMs } = record
  return { channelId, key, raw, sentAtMs, userId, type }
}

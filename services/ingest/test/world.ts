import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startChatSim } from '@poglog/chat-sim'
import type { ChatSim, ChatSimSettings } from '@poglog/chat-sim'
import { openHotStore } from '@poglog/hot-store'
import type { HotEntry } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import type { RedisServer } from '@poglog/hot-store/server'
import { createLogger, createMetrics } from '@poglog/service-kit'
import { readConfig } from '../src/config.ts'
import { createEvents } from '../src/events.ts'
import { startIngest } from '../src/ingest.ts'
import type { Ingest } from '../src/ingest.ts'

/** A line of a service's log. */
export interface LogEntry {
  readonly msg: string
  readonly [field: string]: unknown
}

export function parseEntry(text: string): LogEntry {
  const entry: unknown = JSON.parse(text)
  if (typeof entry !== 'object' || entry === null) throw new Error(`no log entry: ${text}`)
  return { msg: '', ...entry }
}

/** Folders, servers and replicas of one test; disposing stops and removes them all. */
export class World implements AsyncDisposable {
  readonly dir: string
  readonly redisDir: string
  readonly #opened = new AsyncDisposableStack()
  readonly log: LogEntry[] = []

  private constructor(dir: string) {
    this.dir = dir
    this.redisDir = join(dir, 'redis')
  }

  static async create(): Promise<World> {
    return new World(await mkdtemp(join(tmpdir(), 'poglog-ingest-')))
  }

  get redisUrl(): string {
    return `unix://${join(this.redisDir, 'redis.sock')}`
  }

  async startRedis(): Promise<RedisServer> {
    const redis = await startRedisServer({ dir: this.redisDir })
    this.#opened.defer(() => redis.stop())
    return redis
  }

  async startSim(settings: ChatSimSettings): Promise<ChatSim> {
    return this.#opened.adopt(await startChatSim(settings), (sim) => sim.stop())
  }

  /** A replay of lines, at full speed unless told. */
  async startReplay(
    lines: readonly string[],
    settings: Partial<ChatSimSettings> & { rate?: number } = {},
  ) {
    const file = join(this.dir, `replay-${Math.random()}.irc`)
    await writeFile(file, lines.map((line) => `${line}\n`).join(''))
    const source = { kind: 'replay', file, rate: settings.rate ?? 'max' } as const
    return await this.startSim({ ...settings, source })
  }

  env(sim: ChatSim, more: Record<string, string> = {}): Record<string, string> {
    return {
      REDIS_URL: this.redisUrl,
      TWITCH_URL: sim.url,
      CHANNELS: sim.channels.join(','),
      SPOOL_DIR: join(this.dir, 'spool'),
      CONNECT_INTERVAL_MS: '50',
      REGISTRY_INTERVAL_MS: '200',
      JOINS_PER_10S: '2000',
      ...more,
    }
  }

  async startIngest(
    sim: ChatSim,
    more: Record<string, string> = {},
  ): Promise<Ingest & { stop: () => Promise<void> }> {
    const destination = { write: (text: string) => void this.log.push(parseEntry(text)) }
    const logger = createLogger({ name: 'ingest', level: 'debug', destination })
    const events = createEvents(logger, createMetrics('poglog_ingest_'))
    const ingest = await startIngest(readConfig(this.env(sim, more)), events)
    let stopped: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      stopped ??= (async () => {
        await ingest[Symbol.asyncDispose]()
        events.stopped()
      })()
      await stopped
    }
    this.#opened.defer(stop)
    return { ...ingest, stop }
  }

  /** Has `stop` called when the world ends, before what was opened earlier ends. */
  defer(stop: () => Promise<void>): void {
    this.#opened.defer(stop)
  }

  told(msg: string): LogEntry[] {
    return this.log.filter((entry) => entry.msg === msg)
  }

  /** Every entry in Redis, by channel, in order of arrival. */
  async stored(types?: readonly string[], url = this.redisUrl): Promise<HotEntry[]> {
    const store = await openHotStore({ url })
    try {
      const entries: HotEntry[] = []
      for (let shard = 0; shard < store.shards; shard += 1) {
        for await (const channelId of store.channels(shard)) {
          const range = { shard, channelId, fromMs: 0, toMs: Date.now() + 60_000 }
          for await (const page of store.readRange(range)) entries.push(...page)
        }
      }
      return types === undefined ? entries : entries.filter(({ type }) => types.includes(type))
    } finally {
      store.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
    await rm(this.dir, { recursive: true, force: true })
  }
}

/** Waits until something is true; fails after `maxMs`. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  maxMs = 20_000,
): Promise<void> {
  const endMs = performance.now() + maxMs
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error(`not within ${maxMs} ms: ${what}`)
    await delay(20)
  }
}

/** A chat line of its own for each number; every seventh ends in spaces, every ninth is not ASCII. */
export function chatLine(number: number, channel = 'alpha', roomId = '11'): string {
  const uuid = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
  const sentAtMs = 1_700_000_000_000 + number
  const end = number % 7 === 0 ? '   ' : ''
  const text = number % 9 === 0 ? `héllo \u{1F600} ${number}` : `hello ${number}`
  const login = `user_with_a_name_${number % 50}`
  const tags = `badge-info=;color=;display-name=U;emotes=;id=${uuid};room-id=${roomId};tmi-sent-ts=${sentAtMs};user-id=${1000 + (number % 50)};user-type=`
  return `@${tags} :${login}!${login}@${login}.tmi.twitch.tv PRIVMSG #${channel} :${text}${end}`
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

/** How two lists differ, short enough to read in a failed test. Equal lists give all zeros. */
export function difference(got: readonly string[], wanted: readonly string[]) {
  const gotSet = new Set(got)
  const wantedSet = new Set(wanted)
  const missing = wanted.filter((line) => !gotSet.has(line))
  const extra = got.filter((line) => !wantedSet.has(line))
  return {
    missing: missing.length,
    extra: extra.length,
    doubled: got.length - gotSet.size,
    examples: [...missing.slice(0, 2), ...extra.slice(0, 2)],
  }
}

export const NO_DIFFERENCE = { missing: 0, extra: 0, doubled: 0, examples: [] }

/** Whether two lists are equal, without printing thousands of lines where they are not. */
export const isSameOrder = (got: readonly string[], wanted: readonly string[]): boolean =>
  got.length === wanted.length && got.every((line, index) => line === wanted[index])

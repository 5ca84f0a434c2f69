import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import getPort from 'get-port'
import { generatedChannels, startChatSim } from '@poglog/chat-sim'
import type { ChatSim } from '@poglog/chat-sim'
import { startRedisServer } from '@poglog/hot-store/server'
import type { RedisServer } from '@poglog/hot-store/server'
import { ServiceProcess } from './service-process.ts'
import { SlidingWindow } from './sliding-window.ts'
import { compareLines, storedLines } from './stored-lines.ts'
import type { Comparison } from './stored-lines.ts'
import { untilSettled } from './until-settled.ts'

const JOIN_WINDOW_MS = 10_000

export interface StageOptions {
  readonly seed: number
  readonly channels: number
  readonly messagesPerSecond: number
  /** Of all replicas together; the chat server grants no more. */
  readonly joinsPer10s: number
  /** Further settings of every replica. */
  readonly env?: Readonly<Record<string, string>>
}

/** Redis, a chat server in this process that notes what it sends, and replicas of ingest as processes of their own. */
export class Stage implements AsyncDisposable {
  readonly folder: string
  /** JOINs that came, of a channel each, and those of them that were over the limit. */
  readonly joins = new SlidingWindow(JOIN_WINDOW_MS)
  readonly refused = new SlidingWindow(JOIN_WINDOW_MS)
  readonly replicas = new Map<string, ServiceProcess>()
  readonly #options: StageOptions
  readonly #opened = new AsyncDisposableStack()
  readonly #channelIds: ReadonlyMap<string, string>
  /** Channel id -> lines, from {@link Stage.record} on. */
  #sent: Map<string, string[]> | undefined
  #chat: ChatSim | undefined
  #redis: RedisServer | undefined

  private constructor(folder: string, options: StageOptions) {
    this.folder = folder
    this.#options = options
    const rooms = generatedChannels(options)
    this.#channelIds = new Map(rooms.map(({ login, roomId }) => [login, roomId]))
  }

  static async open(options: StageOptions): Promise<Stage> {
    const stage = new Stage(await mkdtemp(join(tmpdir(), 'poglog-scale-')), options)
    await mkdir(join(stage.folder, 'logs'))
    await stage.startRedis()
    await stage.#startChat()
    return stage
  }

  get chat(): ChatSim {
    if (this.#chat === undefined) throw new Error('the chat server has not been started')
    return this.#chat
  }

  get redis(): RedisServer {
    if (this.#redis === undefined) throw new Error('redis has not been started')
    return this.#redis
  }

  async startRedis(): Promise<void> {
    const redis = await startRedisServer({ dir: join(this.folder, 'redis') })
    this.#redis = redis
    this.#opened.defer(() => redis.stop())
  }

  /** From here on every line counts as to be stored. */
  record(): void {
    this.#sent = new Map()
  }

  async startReplica(name: string): Promise<void> {
    const replica = await ServiceProcess.start({
      service: 'ingest',
      name,
      healthPort: await getPort({ host: '127.0.0.1' }),
      logFile: join(this.folder, 'logs', `${name}.log`),
      env: {
        REDIS_URL: this.redis.url,
        TWITCH_URL: this.chat.url,
        CHANNELS: this.chat.channels.join(','),
        SPOOL_DIR: join(this.folder, 'spool', name),
        JOINS_PER_10S: String(this.#options.joinsPer10s),
        HANDOVER_MS_MAX: '300000',
        ...this.#options.env,
      },
    })
    this.replicas.set(name, replica)
  }

  /** SIGTERM; resolves with the milliseconds it took. */
  async stopReplica(name: string): Promise<number> {
    const replica = this.replicas.get(name)
    if (replica === undefined) throw new Error(`no replica ${name}`)
    this.replicas.delete(name)
    return await replica.stop()
  }

  /** Waits until each channel is received by exactly one replica and no slot moves. */
  async settled(): Promise<void> {
    await untilSettled([...this.replicas.values()], this.#channelIds.size)
  }

  /** Ends the chat, waits until all is stored, and compares it with what was sent since {@link Stage.record}. */
  async compare(): Promise<Comparison & { readonly sent: number }> {
    this.chat.quiet()
    const names = [...this.replicas.keys()]
    for (const name of names) await this.stopReplica(name)
    const sent = this.#sent ?? new Map<string, string[]>()
    const count = [...sent.values()].reduce((sum, lines) => sum + lines.length, 0)
    return { sent: count, ...compareLines(sent, await storedLines(this.redis.url)) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.replicas.keys()) await this.stopReplica(name)
    await this.#opened.disposeAsync()
    await rm(join(this.folder, 'redis'), { recursive: true, force: true })
  }

  async #startChat(): Promise<void> {
    const { seed, channels, messagesPerSecond, joinsPer10s } = this.#options
    this.#chat = this.#opened.adopt(
      await startChatSim({
        source: {
          kind: 'generate',
          seed,
          channels,
          messagesPerSecond,
          skew: 0.5,
          onLine: (line, channel) => this.#note(line, channel),
        },
        joinLimit: { joins: joinsPer10s, per: 'address' },
        onJoin: (_channel, isGranted) => {
          this.joins.add(performance.now())
          if (!isGranted) this.refused.add(performance.now())
        },
      }),
      (chat) => chat.stop(),
    )
  }

  #note(line: string, channel: string): void {
    const channelId = this.#channelIds.get(channel)
    // The state of a room is told to whoever joins it, and stored where it is news.
    if (this.#sent === undefined || channelId === undefined || line.includes(' ROOMSTATE #')) return
    const lines = this.#sent.get(channelId)
    if (lines === undefined) this.#sent.set(channelId, [line])
    else lines.push(line)
  }
}

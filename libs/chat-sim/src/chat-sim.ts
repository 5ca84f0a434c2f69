import type { Connection } from './connection.ts'
import { ChatSimError } from './errors.ts'
import { FaultPlan } from './fault-plan.ts'
import type { Feed } from './feed.ts'
import { Hub } from './hub.ts'
import { JoinBudget } from './join-budget.ts'
import { LiveFeed } from './live-feed.ts'
import { Replay } from './replay.ts'
import { SERVER, suspendedNotice, userIdOf } from './replies.ts'
import { ChatServer } from './server.ts'
import { handleCommand, leave } from './session.ts'
import type { SessionHost } from './session.ts'
import type { ChatSim, ChatSimEvent, ChatSimSettings, FaultTarget } from './types.ts'

const PING_INTERVAL_MS = 300_000
const PONG_TIMEOUT_MS = 10_000
const SLOW_CLIENT_MS = 30_000
const CLOSE_AFTER_MS = 5000

/**
 * Starts a Twitch chat server that replays a file or makes up chat.
 *
 * It speaks what `irc-ws.chat.twitch.tv` speaks to a reader: CAP, PASS, NICK, JOIN, PART, PING, and
 * several CRLF-ended lines in one text frame. What clients write into channels is dropped.
 *
 * @throws {ChatSimError} when the file is no use, a setting is out of range, or the port is taken.
 */
export async function startChatSim(settings: ChatSimSettings): Promise<ChatSim> {
  const sim = new RunningChatSim(settings)
  await sim.start()
  return sim
}

class RunningChatSim implements ChatSim {
  url = ''
  channels: readonly string[] = []
  readonly #settings: ChatSimSettings
  readonly #faults: FaultPlan
  readonly #hub: Hub
  readonly #server: ChatServer
  readonly #host: SessionHost
  readonly #suspended: Set<string>
  readonly #timers = new Set<NodeJS.Timeout>()
  #feed: Feed | undefined
  #feeding: Promise<void> | undefined
  #pongDelayMs = 0

  constructor(settings: ChatSimSettings) {
    this.#settings = settings
    this.#suspended = new Set(settings.suspendedChannels)
    this.#faults = new FaultPlan(settings.faults)
    this.#hub = new Hub(this.#faults)
    const joins = new JoinBudget(settings.joinLimit)
    this.#host = this.#sessionHost(joins)
    this.#server = new ChatServer(
      this.#hub,
      {
        host: settings.host ?? '127.0.0.1',
        port: settings.port ?? 0,
        pingIntervalMs: settings.pingIntervalMs ?? PING_INTERVAL_MS,
        pongTimeoutMs: settings.pongTimeoutMs ?? PONG_TIMEOUT_MS,
        slowClientMs: settings.slowClientMs ?? SLOW_CLIENT_MS,
      },
      {
        connected: ({ id }) => this.#tell({ event: 'connected', connection: id, sent: this.#sent }),
        command: (connection, line) => handleCommand(connection, line, this.#host),
        closed: ({ id }, reason, unsentBytes) => {
          joins.forget(id)
          this.#tell({ event: 'closed', connection: id, sent: this.#sent, unsentBytes, reason })
        },
      },
    )
  }

  async start(): Promise<void> {
    const { source } = this.#settings
    const hooks = { onDone: () => this.#tell({ event: 'done', sent: this.#sent }) }
    if (source.kind === 'replay' && source.rate !== 'max' && !(source.rate > 0)) {
      throw new ChatSimError('bad-settings', `rate must be above 0 or max, not ${source.rate}`)
    }
    this.#feed =
      source.kind === 'replay'
        ? await Replay.open(source, { hub: this.#hub, hooks })
        : LiveFeed.open(source, this.#hub)
    this.channels = [...this.#feed.rooms.keys()]
    this.url = await this.#server.listen()
    this.#feeding = this.#feed.run().catch((error: unknown) => {
      // The file has gone away while it was read: the server stays up and says so.
      this.#tell({
        event: 'failed',
        message: error instanceof Error ? error.message : String(error),
      })
    })
  }

  progress(): ReturnType<ChatSim['progress']> {
    if (this.#feed === undefined) throw new Error('the feed is opened before anyone can ask')
    return this.#feed.progress()
  }

  connections(): ReturnType<ChatSim['connections']> {
    return [...this.#hub.connections.values()].map(
      ({ id, address, nick, channels, isStalled }) => ({
        id,
        address,
        nick,
        channels: [...channels],
        isStalled,
      }),
    )
  }

  quiet(): void {
    this.#feed?.stop()
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#feed?.stop()
    await this.#feeding
    await this.#server.stop()
  }

  drop(target: FaultTarget = {}): void {
    for (const connection of this.#targets(target)) connection.close('fault', true)
  }

  dropAll(): void {
    this.drop()
  }

  stall(durationMs: number, target: FaultTarget = {}): void {
    for (const connection of this.#targets(target)) connection.stall(durationMs)
  }

  reconnect(options: FaultTarget & { readonly closeAfterMs?: number } = {}): void {
    const connections = this.#targets(options)
    for (const connection of connections) connection.send(`:${SERVER} RECONNECT`)
    this.#later(options.closeAfterMs ?? CLOSE_AFTER_MS, () => {
      for (const connection of connections) connection.close('fault', false)
    })
  }

  refuse(durationMs: number): void {
    this.#server.refuse(durationMs)
  }

  delayPong(delayMs: number): void {
    this.#pongDelayMs = delayMs
  }

  duplicate(count: number): void {
    this.#faults.askDuplicates(count)
  }

  split(count: number): void {
    this.#faults.askSplits(count)
  }

  malformed(count: number): void {
    this.inject(Array.from({ length: count }, () => this.#faults.malformedLine()))
  }

  inject(lines: readonly string[]): void {
    this.#hub.broadcast(lines)
  }

  suspend(channel: string): void {
    this.#suspended.add(channel)
    for (const connection of this.#hub.connections.values()) {
      if (!connection.channels.has(channel)) continue
      connection.sendChat(suspendedNotice(channel), 'NOTICE')
      leave(connection, channel, this.#host)
    }
  }

  get #sent(): number {
    return this.#feed?.progress().sent ?? 0
  }

  #sessionHost(joins: JoinBudget): SessionHost {
    const missing = new Set(this.#settings.missingChannels)
    return {
      accounts: this.#settings.accounts,
      joins,
      onJoin: (channel, isGranted) => this.#settings.onJoin?.(channel, isGranted),
      roomIdOf: (channel) =>
        missing.has(channel) ? '' : this.#feed?.rooms.get(channel) || userIdOf(channel),
      isSuspended: (channel) => this.#suspended.has(channel),
      join: (connection, channel) => this.#hub.join(connection, channel),
      part: (connection, channel) => this.#hub.part(connection, channel),
      sendPong: (connection, line) => {
        if (this.#pongDelayMs === 0) connection.send(line)
        else this.#later(this.#pongDelayMs, () => connection.send(line))
      },
    }
  }

  #targets({ connection: id }: FaultTarget): Connection[] {
    const all = [...this.#hub.connections.values()]
    return id === undefined ? all : all.filter((connection) => connection.id === id)
  }

  #later(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, delayMs)
    this.#timers.add(timer)
  }

  #tell(event: ChatSimEvent): void {
    this.#settings.onEvent?.(event)
  }
}

import { Cluster, Redis } from 'ioredis'
import { HotStoreError, toHotStoreError } from './errors.ts'
import { parseRedisUrl, type RedisTarget } from './redis-url.ts'
import { toArray, toInteger, toText } from './reply.ts'
import type { Script } from './script.ts'

export type Argument = string | number | Buffer

/** A command's name and its arguments. */
export type Command = readonly [name: string, ...args: Argument[]]

export interface ConnectionSettings {
  readonly url: string
  readonly commandTimeoutMs: number
  readonly waitReplicas: number
  readonly onCall?: OnCall | undefined
}

/**
 * Told when a call begins: the script's name, or the command's; returns what is told when it ends. Both names come from
 * this package alone, so there are few.
 */
export type OnCall = (call: string) => (outcome: 'done' | 'failed') => void

/** One call of a script: the keys decide the node in a cluster. */
export interface ScriptCall {
  readonly script: Script
  readonly keys: readonly string[]
  readonly args: readonly Argument[]
}

/** Longest pause between two attempts to reach Redis again. It tries for ever. */
const RECONNECT_DELAY_MS_MAX = 2000

/** A primary that was found to be a replica now is left again after so long at the earliest. */
const DEMOTION_PAUSE_MS = 100

/** How long opening waits for the first connection, including a server that is still loading its data. */
const CONNECT_TIMEOUT_MS = 10_000

/** The only place that knows ioredis. Every method throws {@link HotStoreError} and nothing else. */
export class Connection {
  readonly #client: Redis | Cluster
  /** WAIT holds up all that comes behind it: where it is used, heartbeats and readers have another connection. */
  readonly #waiting: Redis | Cluster
  readonly #settings: ConnectionSettings
  readonly #waitReplicas: number
  readonly #waitMs: number

  private constructor(
    client: Redis | Cluster,
    waiting: Redis | Cluster,
    settings: ConnectionSettings,
  ) {
    this.#client = client
    this.#waiting = waiting
    this.#settings = settings
    this.#waitReplicas = settings.waitReplicas
    this.#waitMs = Math.max(1, Math.floor(settings.commandTimeoutMs / 2))
  }

  /** @throws {HotStoreError} `unavailable` when Redis cannot be reached within ten seconds; nothing is left open. */
  static async open(settings: ConnectionSettings): Promise<Connection> {
    const client = await connect(settings)
    if (settings.waitReplicas === 0) return new Connection(client, client, settings)
    try {
      return new Connection(client, await connect(settings), settings)
    } catch (error) {
      client.disconnect()
      throw error
    }
  }

  /** Another connection to the same Redis. @throws {HotStoreError} as {@link Connection.open}. */
  async another(): Promise<Connection> {
    return await Connection.open({ ...this.#settings, waitReplicas: 0 })
  }

  /** Whether the keys of one call have to share a slot. */
  get isCluster(): boolean {
    return this.#client instanceof Cluster
  }

  /** Sends one command. */
  async command(name: string, ...args: readonly Argument[]): Promise<unknown> {
    return await this.#watched(name, async () => {
      try {
        return await this.#client.call(name, [...args])
      } catch (error) {
        throw toHotStoreError(error)
      }
    })
  }

  /**
   * Sends commands on one connection, in order, whose keys share a hash tag; atomically where asked for.
   *
   * A script could do the same, but each value it returns goes through Lua: 1,000 stream entries blocked Redis for 25 ms
   * that way, and for 2 ms as a plain command (both on a busy machine).
   */
  async commands(
    commands: readonly Command[],
    { atomic }: { atomic: boolean },
  ): Promise<unknown[]> {
    const pipeline = atomic ? this.#client.multi() : this.#client.pipeline()
    for (const [name, ...args] of commands) pipeline.call(name, args)
    const [[called] = ['none']] = commands
    const results = (await this.#watched(called, () => this.#exec(pipeline.exec()))) ?? []
    if (results.length !== commands.length) {
      throw new HotStoreError('unavailable', 'the connection was closed')
    }
    return results.map(([error, reply]) => {
      if (error !== null) throw toHotStoreError(error)
      return reply
    })
  }

  /** Runs a script by its hash, and by its text where Redis does not know it yet. */
  async run(call: ScriptCall): Promise<unknown> {
    return await this.#watched(call.script.name, () => this.#run(call))
  }

  async #run({ script, keys, args }: ScriptCall): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args]
    try {
      return await this.#client.call('evalsha', [script.sha, ...rest])
    } catch (error) {
      if (!isUnknownScript(error)) throw toHotStoreError(error)
    }
    return await this.#exec(this.#client.call('eval', [script.lua, ...rest]))
  }

  /**
   * Runs a script that writes, and waits until enough replicas have it.
   *
   * @throws {HotStoreError} `unavailable` when too few replicas confirmed in time; the write has taken place on the
   *   primary, and may be lost with it.
   */
  async runReplicated(call: ScriptCall): Promise<unknown> {
    if (this.#waitReplicas === 0) return await this.run(call)
    return await this.#watched(call.script.name, () => this.#runReplicated(call))
  }

  async #runReplicated(call: ScriptCall): Promise<unknown> {
    const rest = [call.keys.length, ...call.keys, ...call.args]
    const reply = await this.#withWait('evalsha', [call.script.sha, ...rest])
    if (reply !== UNKNOWN_SCRIPT) return reply
    return await this.#withWait('eval', [call.script.lua, ...rest])
  }

  /**
   * WAIT covers the writes of its own connection only. One pipeline keeps both on the same connection: were it
   * closed in between, both would fail, instead of WAIT succeeding for a connection that never wrote.
   */
  async #withWait(name: string, args: Argument[]): Promise<unknown> {
    const pipeline = this.#waiting.pipeline()
    pipeline.call(name, args)
    pipeline.call('wait', [this.#waitReplicas, this.#waitMs])
    const [written, waited] = (await this.#exec(pipeline.exec())) ?? []
    if (written === undefined || waited === undefined) {
      throw new HotStoreError('unavailable', 'the connection was closed')
    }
    if (isUnknownScript(written[0])) return UNKNOWN_SCRIPT
    const error = written[0] ?? waited[0]
    if (error !== null) throw toHotStoreError(error)
    const confirmed = toInteger(waited[1])
    if (confirmed < this.#waitReplicas) {
      throw new HotStoreError(
        'unavailable',
        `${confirmed} of ${this.#waitReplicas} replicas confirmed within ${this.#waitMs} ms`,
      )
    }
    return written[1]
  }

  async #watched<T>(name: string, call: () => Promise<T>): Promise<T> {
    const ended = this.#settings.onCall?.(name)
    if (ended === undefined) return await call()
    try {
      const reply = await call()
      ended('done')
      return reply
    } catch (error) {
      ended('failed')
      throw error
    }
  }

  async #exec<T>(replies: Promise<T>): Promise<T> {
    try {
      return await replies
    } catch (error) {
      throw toHotStoreError(error)
    }
  }

  /** Sends one command to every primary: one for a single server. */
  async commandOnPrimaries(name: string, ...args: readonly Argument[]): Promise<unknown[]> {
    const nodes = this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client]
    return await this.#exec(Promise.all(nodes.map((node) => node.call(name, [...args]))))
  }

  /** Yields the keys of all primaries that match, in slices; one that is there all the time at least once. */
  async *scanPrimaries(pattern: string, count: number): AsyncGenerator<string[]> {
    const nodes = this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client]
    for (const node of nodes) {
      let cursor = '0'
      do {
        const args = [cursor, 'MATCH', pattern, 'COUNT', count]
        const [next, keys] = toArray(await this.#exec(node.call('scan', args)))
        cursor = toText(next)
        yield toArray(keys).map(toText)
      } while (cursor !== '0')
    }
  }

  close(): void {
    this.#client.disconnect()
    this.#waiting.disconnect()
  }
}

const UNKNOWN_SCRIPT = Symbol('unknown script')

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT')

async function connect({ url, commandTimeoutMs }: ConnectionSettings): Promise<Redis | Cluster> {
  const client = createClient(parseRedisUrl(url), commandTimeoutMs)
  const problems: Error[] = []
  // Without a listener ioredis prints to the console; what matters reaches the caller of each command.
  client.on('error', (error: Error) => problems.splice(0, problems.length, error))
  try {
    await withTimeout(client.connect(), CONNECT_TIMEOUT_MS)
    return client
  } catch (error) {
    client.disconnect()
    throw toHotStoreError(problems.at(-1) ?? error)
  }
}

/**
 * No queue while Redis is away and no resending: a command fails at once, and the caller, who knows whether to wait,
 * retries. ioredis reconnects by itself, for ever.
 */
function createClient(target: RedisTarget, commandTimeoutMs: number): Redis | Cluster {
  const common = {
    commandTimeout: commandTimeoutMs,
    // A connection that has gone silent with commands waiting is dropped, so that the next one is fresh.
    socketTimeout: commandTimeoutMs * 2,
    connectTimeout: Math.min(CONNECT_TIMEOUT_MS, commandTimeoutMs),
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectionName: 'poglog',
  }
  if (target.kind === 'cluster') {
    return new Cluster([...target.nodes], {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: retryStrategy,
      slotsRefreshTimeout: commandTimeoutMs,
      redisOptions: { ...common, ...target.options },
    })
  }
  return new Redis({
    ...common,
    ...target.options,
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy,
    reconnectOnError: createDemotionCheck(),
  })
}

/**
 * A primary that became a replica behind the same address: connect again, to whoever is the primary now. Once for all
 * the calls in flight that it refuses.
 */
function createDemotionCheck(): (error: Error) => boolean {
  let foundMs = Number.NEGATIVE_INFINITY
  return (error) => {
    const nowMs = performance.now()
    if (!error.message.startsWith('READONLY') || nowMs - foundMs < DEMOTION_PAUSE_MS) return false
    foundMs = nowMs
    return true
  }
}

function retryStrategy(times: number): number {
  return Math.min(RECONNECT_DELAY_MS_MAX, 50 * 2 ** Math.min(times, 6))
}

async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`no connection within ${timeoutMs} ms`)),
    timeoutMs,
  )
  try {
    return await Promise.race([promise, expired])
  } finally {
    clearTimeout(timer)
  }
}

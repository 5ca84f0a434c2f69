import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { RawData, WebSocket } from 'ws'
import { Connection } from './connection.ts'
import { ChatSimError } from './errors.ts'
import type { Hub } from './hub.ts'
import { SERVER } from './replies.ts'
import type { CloseReason } from './types.ts'

/** The longest message a client may send; Twitch closes at less. */
const CLIENT_BYTES_MAX = 64 * 1024
const WATCH_MS = 250

export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly pingIntervalMs: number
  readonly pongTimeoutMs: number
  readonly slowClientMs: number
}

export interface ServerHooks {
  connected(connection: Connection): void
  command(connection: Connection, line: string): void
  closed(connection: Connection, reason: CloseReason, unsentBytes: number): void
}

/** The port, the connections on it, and the watch over those that have gone silent. */
export class ChatServer {
  readonly #http: Server
  readonly #webSockets = new WebSocketServer({ noServer: true, maxPayload: CLIENT_BYTES_MAX })
  readonly #hub: Hub
  readonly #settings: ServerSettings
  readonly #hooks: ServerHooks
  #watch: NodeJS.Timeout | undefined
  #lastId = 0
  #nextPingMs = 0
  #refusedUntilMs = 0

  constructor(hub: Hub, settings: ServerSettings, hooks: ServerHooks) {
    this.#hub = hub
    this.#settings = settings
    this.#hooks = hooks
    this.#http = createServer((_request, response) => {
      response.writeHead(426).end('this is a chat server: connect by WebSocket\n')
    })
    this.#http.on('upgrade', (...upgrade) => this.#onUpgrade(...upgrade))
  }

  /**
   * @returns the address it listens at.
   * @throws {ChatSimError} `listen`
   */
  async listen(): Promise<string> {
    const { host, port } = this.#settings
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (cause) => {
        reject(
          new ChatSimError('listen', `cannot listen on ${host}:${port}: ${cause.message}`, {
            cause,
          }),
        )
      })
      this.#http.listen(port, host, resolve)
    })
    this.#nextPingMs = Date.now() + this.#settings.pingIntervalMs
    this.#watch = setInterval(
      () => this.#lookAtAll(Date.now()),
      Math.min(WATCH_MS, this.#settings.pingIntervalMs),
    )
    return addressOf(this.#http.address(), host)
  }

  refuse(durationMs: number): void {
    this.#refusedUntilMs = Date.now() + durationMs
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch)
    for (const connection of this.#hub.connections.values()) connection.close('stop', true)
    // Those that were told to go and have not closed their side yet.
    for (const socket of this.#webSockets.clients) socket.terminate()
    this.#webSockets.close()
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve())
      this.#http.closeAllConnections()
    })
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (Date.now() < this.#refusedUntilMs) {
      socket.destroy()
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#accept(webSocket, request.socket.remoteAddress ?? '')
    })
  }

  #accept(socket: WebSocket, address: string): void {
    const id = ++this.#lastId
    const connection = new Connection(
      socket,
      { id, address },
      {
        changed: () => this.#hub.changed.notify(),
        closed: (closed, reason, unsentBytes) => {
          this.#hub.remove(closed)
          this.#hooks.closed(closed, reason, unsentBytes)
        },
      },
    )
    this.#hub.connections.set(id, connection)
    this.#hooks.connected(connection)
    socket.on('message', (data) => {
      for (const line of toText(data).split(/\r?\n/)) {
        if (this.#hub.connections.has(id)) this.#hooks.command(connection, line)
      }
    })
  }

  #lookAtAll(nowMs: number): void {
    const isPingDue = nowMs >= this.#nextPingMs
    if (isPingDue) this.#nextPingMs = nowMs + this.#settings.pingIntervalMs
    for (const connection of this.#hub.connections.values()) {
      if (connection.isStalled) continue
      const { fullSinceMs = nowMs, pingSentMs = nowMs } = connection
      if (nowMs - fullSinceMs > this.#settings.slowClientMs) connection.close('slow', true)
      else if (nowMs - pingSentMs > this.#settings.pongTimeoutMs) connection.close('no-pong', true)
      else if (isPingDue && connection.nick !== '') {
        connection.send(`PING :${SERVER}`)
        connection.pingSentMs ??= nowMs
      }
    }
  }
}

function toText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8')
}

function addressOf(address: string | AddressInfo | null, host: string): string {
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return `ws://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

export interface TcpProxyOptions {
  readonly targetPort: number
  /** The loopback address that the target sees: it tells who came. */
  readonly localAddress: string
}

/**
 * What a network does to connections.
 *
 * - `pass`: nothing.
 * - `stall`: what is sent waits, in both directions, and arrives afterwards.
 * - `black-hole`: what is sent is gone; the connections are reset afterwards.
 * - `refuse`: new connections are reset; those that are open stay.
 */
export type NetworkMode = 'pass' | 'stall' | 'black-hole' | 'refuse'

interface Pair {
  readonly client: Socket
  readonly target: Socket
}

/** A TCP proxy on a free port of the loopback, between one client and a server. */
export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #options: TcpProxyOptions
  readonly #pairs = new Set<Pair>()
  #mode: NetworkMode = 'pass'

  private constructor(server: Server, port: number, options: TcpProxyOptions) {
    this.#server = server
    this.port = port
    this.#options = options
    server.on('connection', (client) => this.#accept(client))
  }

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
    return new TcpProxy(server, address.port, options)
  }

  set mode(mode: NetworkMode) {
    const was = this.#mode
    this.#mode = mode
    if (was === 'black-hole') this.reset()
    for (const { client, target } of this.#pairs) {
      for (const socket of [client, target]) {
        if (mode === 'stall') socket.pause()
        else socket.resume()
      }
    }
  }

  /** Resets all connections, on both sides. */
  reset(): void {
    for (const { client, target } of this.#pairs) {
      client.resetAndDestroy()
      target.resetAndDestroy()
    }
  }

  async stop(): Promise<void> {
    this.reset()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #accept(client: Socket): void {
    if (this.#mode === 'refuse') {
      client.on('error', () => undefined)
      client.resetAndDestroy()
      return
    }
    const { targetPort: port, localAddress } = this.#options
    const target = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true })
    const pair = { client, target }
    this.#pairs.add(pair)
    this.#forward(client, target, pair)
    this.#forward(target, client, pair)
  }

  #forward(from: Socket, to: Socket, pair: Pair): void {
    from.on('data', (bytes) => {
      if (this.#mode === 'black-hole') return
      if (!to.write(bytes)) from.pause()
    })
    to.on('drain', () => {
      if (this.#mode !== 'stall') from.resume()
    })
    from.on('end', () => to.end())
    // After "error" always comes "close".
    from.on('error', () => undefined)
    from.on('close', (hadError) => {
      this.#pairs.delete(pair)
      if (hadError) to.resetAndDestroy()
      else to.destroy()
    })
    if (this.#mode === 'stall') from.pause()
  }
}

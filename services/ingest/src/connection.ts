import { client as TmiClient } from 'tmi.js'
import { WebSocket } from 'ws'
import type { RawData } from 'ws'
import { LINE_BYTES_MAX, LineSplitter } from './line-splitter.ts'
import type { SplitterEvents } from './line-splitter.ts'
import { routeLine } from './route-line.ts'

const HANDSHAKE_MS_MAX = 10_000
const CLOSE_MS_MAX = 1000
/** Stands for a socket that ended without a closing frame. */
const ABNORMAL_CLOSE = 1006
const FRAME_BYTES_MAX = 64 * LINE_BYTES_MAX

export interface ConnectionSettings {
  /** `wss://...` or `ws://...`. */
  readonly url: string
  /** Logs in with an account; anonymous without. */
  readonly account: { readonly username: string; readonly token: string } | undefined
}

/** What a connection tells its owner. Everything may come at any time until `closed`, which comes once. */
export interface ConnectionHandlers extends SplitterEvents {
  /** Logged in: channels can be joined. */
  readonly ready: () => void
  /** Anything came from the peer: so many bytes of a frame, 0 for a ping or pong. */
  readonly data: (sizeBytes: number) => void
  /** Lines that may be logged, as Twitch sent them, without CR LF. */
  readonly lines: (lines: readonly string[]) => void
  /** The answer to {@link Connection.ping}. Everything that came before it was handed on. */
  readonly pong: (token: string) => void
  /** We are in that channel no more, whether we asked for it or not. Everything that came before was handed on. */
  readonly parted: (login: string) => void
  /** Twitch will close this connection soon; it still works. */
  readonly reconnectAsked: () => void
  /** `isInOrder`: the peer took its leave, so everything it sent before has come. */
  readonly closed: (reason: string, isInOrder: boolean) => void
  /** A handler or tmi.js threw on what came; the connection goes on. */
  readonly failed: (error: unknown) => void
  /** tmi.js's own log. */
  readonly diagnostic: (text: string) => void
  /** Twitch does not accept the account; the only thing tmi.js logs as an error here. */
  readonly loginRefused: (reason: string) => void
}

/** One WebSocket connection to Twitch chat. */
export interface Connection {
  readonly join: (logins: readonly string[]) => void
  readonly part: (logins: readonly string[]) => void
  /** Asks for a PONG with that token. */
  readonly ping: (token: string) => void
  /** Leaves what comes in the socket until {@link Connection.resume}. */
  readonly pause: () => void
  readonly resume: () => void
  /** Closes in order: what the peer sent until then still comes. Ends the socket after a second in any case. */
  readonly close: () => void
  /** Ends the socket at once, for a peer that does not answer any more. */
  readonly terminate: () => void
}

export type OpenConnection = (
  settings: ConnectionSettings,
  handlers: ConnectionHandlers,
) => Connection

/**
 * Opens one connection. tmi.js does the login and answers PING; the rest of it is kept away:
 *
 * - frames come to us first, through a `ws` of our own. tmi.js trims them, throws on a PRIVMSG without
 *   text, loses lines split over two frames, and would take Node's global WebSocket, which it never
 *   comes back from when the peer falls silent
 * - it joins nothing (one channel in 2 s, and twice after a reconnect), does not see RECONNECT (it
 *   closes at once) and does not reconnect (no jitter, no way to call it off): the pool does
 * - its ping timer is stopped: a slow reader would be cut off. {@link Liveness} counts any data
 */
export const openConnection: OpenConnection = (settings, handlers) =>
  new TmiConnection(settings, handlers)

class TmiConnection implements Connection {
  readonly #handlers: ConnectionHandlers
  readonly #client: TmiClientInternals
  readonly #splitter: LineSplitter
  readonly #socket: WebSocket
  #reason = 'closed by the peer'

  constructor({ url, account }: ConnectionSettings, handlers: ConnectionHandlers) {
    this.#handlers = handlers
    this.#splitter = new LineSplitter(handlers)
    const client = createTmiClient(account, handlers)
    this.#client = client
    this.#socket = new WebSocket(url, 'irc', {
      handshakeTimeout: HANDSHAKE_MS_MAX,
      maxPayload: FRAME_BYTES_MAX,
      perMessageDeflate: false,
      skipUTF8Validation: true, // The splitter looks: one wrong byte must not cost the connection.
    })
    client._openConnection = () => {
      client.ws = this.#socket
    }
    this.#listen()
    // Settles when tmi.js sees the welcome or the close; both are told through the handlers.
    client.connect().catch((reason: unknown) => handlers.diagnostic(String(reason)))
  }

  join(logins: readonly string[]): void {
    this.#send(`JOIN ${logins.map((login) => `#${login}`).join(',')}`)
  }

  part(logins: readonly string[]): void {
    this.#send(`PART ${logins.map((login) => `#${login}`).join(',')}`)
  }

  ping(token: string): void {
    this.#send(`PING :${token}`)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#reason = 'closed by us'
    this.#socket.resume()
    this.#socket.close()
    setTimeout(() => this.#socket.terminate(), CLOSE_MS_MAX).unref()
  }

  terminate(): void {
    this.#reason = 'ended by us'
    this.#socket.resume()
    this.#socket.terminate()
  }

  #send(line: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(line)
  }

  #listen(): void {
    const isAlive = (): void => this.#handlers.data(0)
    this.#client.once('connected', () => {
      // tmi.js starts its ping timer right after this event.
      setImmediate(() => this.#stopPingLoop())
      this.#handlers.ready()
    })
    this.#socket.on('open', () => this.#client._onOpen())
    this.#socket.on('message', (frame) => this.#onFrame(frame))
    this.#socket.on('ping', isAlive)
    this.#socket.on('pong', isAlive)
    this.#socket.on('error', (error) => {
      this.#reason = error.message
    })
    this.#socket.on('close', (code) => {
      this.#client._onClose()
      this.#stopPingLoop()
      this.#handlers.closed(`${this.#reason} (${code})`, code !== ABNORMAL_CLOSE)
    })
  }

  #onFrame(frame: RawData): void {
    try {
      const bytes = toBuffer(frame)
      this.#handlers.data(bytes.length)
      const lines = this.#splitter.push(bytes)
      const isPlain = lines.every(hasTags)
      const logged = isPlain ? lines : lines.filter((line) => this.#isForUs(line))
      if (logged.length > 0) this.#handlers.lines(logged)
      // Last: they end, or vouch for, the lines before them.
      if (!isPlain) for (const line of lines) this.#tellEnd(line)
    } catch (error) {
      this.#handlers.failed(error)
    }
  }

  /** Gives a control line to tmi.js. What it makes of it never reaches the socket. */
  #isForUs(line: string): boolean {
    const to = routeLine(line)
    if (to === 'reconnect') this.#handlers.reconnectAsked()
    if (to === 'control' || to === 'both') {
      try {
        this.#client._onMessage({ data: line })
      } catch (error) {
        this.#handlers.failed(error)
      }
    }
    return to === 'log' || to === 'both'
  }

  #tellEnd(line: string): void {
    const to = routeLine(line)
    if (to === 'pong') this.#handlers.pong(line.slice(line.lastIndexOf(':') + 1))
    if (to === 'part') this.#handlers.parted(line.slice(line.lastIndexOf('#') + 1))
  }

  #stopPingLoop(): void {
    clearInterval(this.#client.pingLoop ?? undefined)
    clearTimeout(this.#client.pingTimeout ?? undefined)
  }
}

/** The parts of tmi.js 1.8.5 that are not public. The version is pinned; {@link hasInternals} looks. */
interface TmiClientInternals {
  ws: WebSocket | null
  readonly pingLoop: NodeJS.Timeout | null
  readonly pingTimeout: NodeJS.Timeout | null
  readonly once: (event: 'connected', listener: () => void) => unknown
  readonly connect: () => Promise<unknown>
  _openConnection: () => void
  readonly _onOpen: () => void
  readonly _onMessage: (event: { readonly data: string }) => void
  readonly _onClose: () => void
}

const INTERNALS = ['once', 'connect', '_openConnection', '_onOpen', '_onMessage', '_onClose']

function hasInternals(client: object): client is TmiClientInternals {
  return INTERNALS.every((name) => typeof Reflect.get(client, name) === 'function')
}

function createTmiClient(
  account: ConnectionSettings['account'],
  { diagnostic, loginRefused }: ConnectionHandlers,
): TmiClientInternals {
  const log = (text: unknown): void => diagnostic(String(text))
  const client: object = new TmiClient({
    options: { skipMembership: true, skipUpdatingEmotesets: true, messagesLogLevel: 'info' },
    connection: { reconnect: false },
    ...(account && { identity: { username: account.username, password: account.token } }),
    logger: { info: log, warn: log, error: loginRefused },
  })
  if (!hasInternals(client))
    throw new Error('this version of tmi.js is not the one it was built on')
  return client
}

function hasTags(line: string): boolean {
  return line.startsWith('@')
}

function toBuffer(frame: RawData): Buffer {
  if (Buffer.isBuffer(frame)) return frame
  return Array.isArray(frame) ? Buffer.concat(frame) : Buffer.from(frame)
}

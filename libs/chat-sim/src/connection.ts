import type { WebSocket } from 'ws'
import type { CloseReason } from './types.ts'
import { middleOf, toWire } from './wire.ts'

/** Lines for one client are gathered into frames of about this size, as Twitch sends several lines in one. */
const FRAME_BYTES = 16 * 1024
/** Above it a client is full: a replay waits for it. */
const FULL_BYTES = 1024 * 1024
/** Above it a client is dropped. Only made-up chat, which does not wait, and a stall get there. */
const HELD_BYTES_MAX = 8 * 1024 * 1024
const NEEDS_COMMANDS =
  /^(?:CLEARCHAT|CLEARMSG|GLOBALUSERSTATE|HOSTTARGET|NOTICE|RECONNECT|ROOMSTATE|USERNOTICE|USERSTATE|WHISPER)$/

export interface ConnectionHooks {
  /** Room has become free, or the connection has ended. */
  changed(): void
  /** `unsentBytes`: written here, but never handed to the operating system. */
  closed(connection: Connection, reason: CloseReason, unsentBytes: number): void
}

/** One client: what it asked for, and what waits to be sent to it. */
export class Connection {
  readonly id: number
  readonly address: string
  readonly capabilities = new Set<string>()
  readonly channels = new Set<string>()
  /** Empty until the login. */
  nick = ''
  wantedNick = ''
  token: string | undefined
  /** The time of a PING that has no answer yet. */
  pingSentMs: number | undefined
  /** Since when it has been full. */
  fullSinceMs: number | undefined

  readonly #socket: WebSocket
  readonly #hooks: ConnectionHooks
  #text = ''
  #flushIsDue = false
  #hasEnded = false
  #stall: NodeJS.Timeout | undefined
  #reason: CloseReason = 'client'

  constructor(
    socket: WebSocket,
    identity: { id: number; address: string },
    hooks: ConnectionHooks,
  ) {
    this.id = identity.id
    this.address = identity.address
    this.#socket = socket
    this.#hooks = hooks
    // After "error" ws always emits "close", which is where the connection ends.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#end(socket.bufferedAmount))
  }

  get isStalled(): boolean {
    return this.#stall !== undefined
  }

  get isFull(): boolean {
    return this.fullSinceMs !== undefined
  }

  get isEmpty(): boolean {
    return this.#text === '' && this.#socket.bufferedAmount === 0
  }

  /** Sends a server's own line; it leaves with the next frame, at the end of this turn at the latest. */
  send(line: string): void {
    this.#write(toWire(`${line}\r\n`))
  }

  /** Sends a line of chat (as bytes, see wire.ts) as this client sees it: without tags or not at all where it did not ask for them. */
  sendChat(line: string, command: string): void {
    const seen = this.#asSeen(line, command)
    if (seen !== undefined) this.#write(`${seen}\r\n`)
  }

  /** The same in two WebSocket messages, cut in the middle of the line. */
  sendChatSplit(line: string, command: string): void {
    const seen = this.#asSeen(line, command)
    if (seen === undefined) return
    const cut = middleOf(seen)
    this.#write(seen.slice(0, cut))
    this.flush()
    this.#write(`${seen.slice(cut)}\r\n`)
    this.flush()
  }

  flush(): void {
    if (this.isStalled || this.#text === '' || this.#socket.readyState !== this.#socket.OPEN) return
    let text = this.#text
    this.#text = ''
    // After a stall megabytes may wait.
    while (text.length > 2 * FRAME_BYTES) {
      const cut = text.indexOf('\n', FRAME_BYTES) + 1
      if (cut === 0) break
      this.#sendFrame(text.slice(0, cut))
      text = text.slice(cut)
    }
    this.#sendFrame(text)
  }

  stall(durationMs: number): void {
    clearTimeout(this.#stall)
    this.#stall = setTimeout(() => this.#endStall(), durationMs)
    this.#hooks.changed()
  }

  /**
   * Ends the connection; `abrupt` without a closing frame. What waits is sent first unless abrupt.
   * It counts as gone from now on, not when the socket has closed: a line in between would be lost.
   */
  close(reason: CloseReason, abrupt: boolean): void {
    if (this.#hasEnded) return
    this.#reason = reason
    if (abrupt) {
      const { bufferedAmount } = this.#socket
      this.#socket.terminate()
      this.#end(bufferedAmount)
    } else {
      this.flush()
      this.#socket.close(1000)
      this.#end(0)
    }
  }

  #write(text: string): void {
    if (this.#hasEnded) return
    this.#text += text
    if (this.#text.length >= FRAME_BYTES) {
      this.flush()
      if (this.#text.length + this.#socket.bufferedAmount > HELD_BYTES_MAX) this.close('slow', true)
    } else if (!this.#flushIsDue) {
      this.#flushIsDue = true
      setImmediate(() => {
        this.#flushIsDue = false
        this.flush()
      })
    }
  }

  #sendFrame(text: string): void {
    const frame = Buffer.from(text, 'latin1')
    this.#socket.send(frame, { binary: false }, () => this.#noteFullness())
    this.#noteFullness()
  }

  #asSeen(line: string, command: string): string | undefined {
    if (!this.capabilities.has('twitch.tv/commands') && NEEDS_COMMANDS.test(command))
      return undefined
    if (this.capabilities.has('twitch.tv/tags') || !line.startsWith('@')) return line
    return line.slice(line.indexOf(' ') + 1)
  }

  #noteFullness(): void {
    const isFull = this.#socket.bufferedAmount > FULL_BYTES
    if (isFull) this.fullSinceMs ??= Date.now()
    else if (this.isFull) {
      this.fullSinceMs = undefined
      this.#hooks.changed()
    }
  }

  #endStall(): void {
    this.#stall = undefined
    this.flush()
    this.#hooks.changed()
  }

  #end(bufferedBytes: number): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    clearTimeout(this.#stall)
    this.#stall = undefined
    const unsentBytes = this.#text.length + bufferedBytes
    this.#text = ''
    this.#hooks.closed(this, this.#reason, unsentBytes)
  }
}

import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** Longest delay that is told from longer ones, ms. */
const DELAY_MS_MAX = 10_000
const NUMBERS_MAX = 200_000
/** What the lines say: a number, and when they were appended. */
const MARK = '"text":"no '
/** No line of the bench has it. */
const ID = 'id: '
const RETRY_MS = 200

/** A client that looks only at what it counts: parsing JSON would be most of what is measured. */
export class LiveReader {
  readonly channelId: string
  /** Events by delay, ms. */
  readonly delays = new Uint32Array(DELAY_MS_MAX + 1)
  doubled = 0
  events = 0
  connections = 0
  readonly #port: number
  readonly #seen = new Uint8Array(NUMBERS_MAX)
  #socket: Socket | undefined
  #rest = ''
  #id = ''
  #wanted = false

  constructor(port: number, channelId: string) {
    this.#port = port
    this.channelId = channelId
  }

  /** Resolves when it listens. */
  async connect(): Promise<void> {
    this.#wanted = true
    this.#rest = ''
    const { promise, resolve } = Promise.withResolvers<void>()
    const socket = connect(this.#port, '127.0.0.1')
    this.#socket = socket
    const again = this.#id === '' ? '' : `last-event-id: ${this.#id}\r\n`
    socket.write(`GET /channel/${this.channelId}/live HTTP/1.1\r\nhost: bench\r\n${again}\r\n`)
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      if (this.#socket !== socket) return
      this.#take(text)
      if (this.#id !== '') resolve()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      // Cut by the server, or not let in.
      if (this.#socket !== socket || !this.#wanted) return
      setTimeout(() => {
        if (this.#wanted && this.#socket === socket) this.connect().then(resolve, () => undefined)
      }, RETRY_MS)
    })
    this.connections += 1
    await promise
  }

  disconnect(): void {
    this.#wanted = false
    this.#socket?.destroy()
  }

  /** How many of the first `sent` lines of the channel it was not given. */
  missing(sent: number): number {
    let given = 0
    for (let number = 0; number < sent; number += 1) given += this.#seen[number] === 0 ? 0 : 1
    return sent - given
  }

  #take(text: string): void {
    const all = this.#rest + text
    const end = all.lastIndexOf('\n\n')
    if (end < 0) {
      this.#rest = all
      return
    }
    this.#rest = all.slice(end + 2)
    const nowMs = Date.now()
    for (let at = all.indexOf(MARK); at >= 0 && at < end; at = all.indexOf(MARK, at + 1)) {
      const numberEnd = all.indexOf(' ', at + MARK.length)
      const number = Number(all.slice(at + MARK.length, numberEnd))
      const sentMs = Number(all.slice(numberEnd + 1, numberEnd + 14))
      if (this.#seen[number] !== 0) this.doubled += 1
      this.#seen[number] = 1
      this.events += 1
      const delayMs = Math.min(DELAY_MS_MAX, Math.max(0, nowMs - sentMs))
      this.delays[delayMs] = (this.delays[delayMs] ?? 0) + 1
    }
    // The one of the last event may be the first line there is.
    const idAt = all.lastIndexOf(ID, end)
    if (idAt >= 0) this.#id = all.slice(idAt + ID.length, all.indexOf('\n', idAt))
  }
}

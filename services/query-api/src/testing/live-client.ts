import { decodeProgress } from '../live/progress.ts'
import type { Progress } from '../live/progress.ts'
import type { Sink } from '../live/sink.ts'

/** One event as a client sees it. */
export interface ClientEvent {
  readonly event: string | undefined
  readonly data: string
  readonly id: string
}

/** A client in memory that comes back with its last id, over as many connections as it takes. */
export class LiveClient {
  /** Raw lines of all events that it was given. */
  raws: string[] = []
  /** Events that are no messages. */
  others: ClientEvent[] = []
  id = ''
  /** Bytes that it leaves unread, as its sink tells. */
  pendingBytes = 0
  #text = ''
  #closed: AbortController | undefined
  #isSlow = false

  get progress(): Progress | undefined {
    return this.id === '' ? undefined : decodeProgress(this.id)
  }

  get isConnected(): boolean {
    return this.#closed !== undefined && !this.#closed.signal.aborted
  }

  connect(): Sink {
    const closed = new AbortController()
    this.#closed = closed
    this.#text = ''
    const pendingBytes = (): number => this.pendingBytes
    return {
      closed: closed.signal,
      get pendingBytes() {
        return pendingBytes()
      },
      write: (bytes) => {
        if (closed.signal.aborted) return
        this.#text += typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()
        if (this.#isSlow) this.pendingBytes += bytes.length
      },
      drained: async () => !this.#isSlow && !closed.signal.aborted,
      end: (bytes) => {
        this.#text += bytes
        this.read()
        closed.abort()
      },
    }
  }

  /** Reads what has come. */
  read(): void {
    this.#take(Number.POSITIVE_INFINITY)
  }

  /** Takes nothing any more. */
  stall(): void {
    this.#isSlow = true
  }

  /** Loses its connection, and of what it has not read yet all but some events. */
  disconnect(events = Number.POSITIVE_INFINITY): void {
    this.#take(events)
    this.#text = ''
    this.#closed?.abort()
  }

  #take(count: number): void {
    for (let taken = 0; taken < count; taken += 1) {
      const end = this.#text.indexOf('\n\n')
      if (end < 0) return
      const block = this.#text.slice(0, end)
      this.#text = this.#text.slice(end + 2)
      this.#dispatch(block)
    }
  }

  /** As an event source does: the id counts, also of an event without data, which is none. */
  #dispatch(block: string): void {
    const fields = new Map<string, string>()
    for (const line of block.split('\n')) {
      const at = line.indexOf(': ')
      fields.set(line.slice(0, at), line.slice(at + 2))
    }
    this.id = fields.get('id') ?? this.id
    const data = fields.get('data')
    if (data === undefined) return
    const event = fields.get('event')
    if (event !== undefined) {
      this.others.push({ event, data, id: this.id })
      return
    }
    const message: unknown = JSON.parse(data)
    const raw: unknown =
      typeof message === 'object' && message !== null && Reflect.get(message, 'raw')
    if (typeof raw !== 'string') throw new Error(`no message: ${data}`)
    this.raws.push(raw)
  }
}

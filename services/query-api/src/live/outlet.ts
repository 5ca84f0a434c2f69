import { cutText, heartbeatText, openingText, statusText } from './events-text.ts'
import type { CutReason } from './events-text.ts'
import type { HubMember, LiveHub } from './hub.ts'
import { onClosed } from './sink.ts'
import type { Sink } from './sink.ts'

/** What is counted of listeners. */
export interface OutletEvents {
  readonly liveSent: (records: number, sizeBytes: number) => void
  readonly liveCut: (reason: CutReason) => void
}

const RETRY_MS_MIN = 1000
const RETRY_MS_MAX = 4000
const LAST_WORD_MS_MAX = 5000

/** One listener's connection: what is not about records, and its end. */
export class Outlet implements HubMember {
  readonly #sink: Sink
  readonly #hub: LiveHub
  readonly #events: OutletEvents
  readonly #lastId: () => string
  #lastWriteMs = performance.now()
  #hasEnded = false
  #isOpen = false

  /** @param lastId the id that the client comes back with. */
  constructor(
    lastId: () => string,
    { sink, hub, events }: { sink: Sink; hub: LiveHub; events: OutletEvents },
  ) {
    this.#lastId = lastId
    this.#sink = sink
    this.#hub = hub
    this.#events = events
    hub.join(this)
    onClosed(sink, () => {
      hub.leave(this)
    })
  }

  get closed(): AbortSignal {
    return this.#sink.closed
  }

  get hasEnded(): boolean {
    return this.#hasEnded || this.#sink.closed.aborted
  }

  /** Whether the client has left so much unread that it should be given no more. */
  get isFull(): boolean {
    return this.#sink.pendingBytes > this.#hub.limits.pendingBytesMax
  }

  /** Waits until the client has taken what it was given. @returns whether it did. */
  async drained(): Promise<boolean> {
    return await this.#sink.drained(this.#hub.limits.slowMsMax)
  }

  /** Says where the listening begins; with a pause for coming back that is not everybody's. */
  open(): void {
    this.#isOpen = true
    const retryMs = RETRY_MS_MIN + Math.random() * (RETRY_MS_MAX - RETRY_MS_MIN)
    this.#write(openingText(Math.round(retryMs), this.#lastId()))
    if (this.#hub.isWaiting) this.onStatus('waiting')
    if (this.#hub.isStopping) this.onStopping()
  }

  /** Writes events of records. */
  write(bytes: string | Uint8Array, records: number): void {
    this.#write(bytes)
    this.#events.liveSent(records, bytes.length)
  }

  cut(reason: CutReason): void {
    if (this.hasEnded) return
    this.#hasEnded = true
    this.#hub.leave(this)
    this.#events.liveCut(reason)
    this.#sink.end(cutText(reason, this.#lastId()), LAST_WORD_MS_MAX)
  }

  onStatus(state: 'live' | 'waiting'): void {
    if (this.#isOpen) this.#write(statusText(state))
  }

  onHeartbeat(nowMs: number): void {
    // One that takes nothing needs no more of it.
    if (nowMs - this.#lastWriteMs < this.#hub.limits.heartbeatMs || this.isFull) return
    this.#write(heartbeatText(this.#lastId()))
  }

  onStopping(): void {
    this.cut('stopping')
  }

  #write(bytes: string | Uint8Array): void {
    if (this.hasEnded) return
    this.#lastWriteMs = performance.now()
    this.#sink.write(bytes)
  }
}

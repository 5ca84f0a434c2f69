import { lineOf } from '../chat/line.ts'
import type { Line } from '../chat/line.ts'
import { messageSchema } from '../chat/message-schema.ts'
import * as z from 'zod/mini'

/** `connecting`: not there, or no more. `waiting`: the server waits for its own store. */
export type LiveState = 'connecting' | 'live' | 'waiting'

const RETRY_MS = 2000
const RETRY_MS_MAX = 30_000
/** Lines are handed over so often: a busy channel is not drawn anew for each. */
const HAND_OVER_MS = 100
/** So many are handed over at once: in a tab that nobody looks at, timers wait for up to a minute. */
const HAND_OVER_LINES = 500

const statusSchema = z.object({ state: z.enum(['live', 'waiting']) })

/** What a {@link LiveTail} tells. */
export interface LiveTailEvents {
  readonly onLines: (lines: readonly Line[]) => void
  readonly onState: (state: LiveState) => void
  /** It listens from now on, and what came before is for others to ask for. */
  readonly onFresh: () => void
}

/**
 * Listens to a live tail until it is closed.
 *
 * After a lost connection the browser comes back by itself with the id of the last event, and the server goes on behind
 * it. Where the server refused that, it begins anew, with the last id it has seen, or afresh.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class LiveTail {
  readonly #pathOf: (lastEventId: string | undefined) => string
  readonly #events: LiveTailEvents
  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerOfLines: ReturnType<typeof setTimeout> | undefined
  #lines: Line[] = []
  #lastEventId: string | undefined
  #failures = 0

  constructor(pathOf: (lastEventId: string | undefined) => string, events: LiveTailEvents) {
    this.#pathOf = pathOf
    this.#events = events
  }

  open(): void {
    const source = new EventSource(this.#pathOf(this.#lastEventId))
    this.#source = source
    let hasOpened = false
    source.addEventListener('open', () => {
      this.#failures = 0
      this.#events.onState('live')
      if (!hasOpened && this.#lastEventId === undefined) this.#events.onFresh()
      hasOpened = true
    })
    source.addEventListener('message', (event) => {
      this.#lastEventId = event.lastEventId
      this.#take(lineOf(z.parse(messageSchema, JSON.parse(String(event.data)))))
    })
    source.addEventListener('status', ({ data }) => {
      this.#events.onState(z.parse(statusSchema, JSON.parse(String(data))).state)
    })
    source.addEventListener('error', () => {
      this.#events.onState('connecting')
      if (source.readyState === EventSource.CLOSED) this.#openLater()
    })
  }

  close(): void {
    this.#source?.close()
    clearTimeout(this.#timer)
    clearTimeout(this.#timerOfLines)
  }

  #openLater(): void {
    this.#failures += 1
    const delayMs = Math.min(RETRY_MS * 2 ** (this.#failures - 1), RETRY_MS_MAX)
    this.#timer = setTimeout(() => this.open(), delayMs)
  }

  #take(line: Line): void {
    this.#lines.push(line)
    if (this.#lines.length >= HAND_OVER_LINES) this.#handOver()
    else this.#timerOfLines ??= setTimeout(() => this.#handOver(), HAND_OVER_MS)
  }

  #handOver(): void {
    clearTimeout(this.#timerOfLines)
    this.#timerOfLines = undefined
    const lines = this.#lines
    this.#lines = []
    this.#events.onLines(lines)
  }
}

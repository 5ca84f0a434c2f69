import { setTimeout as sleep } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import { DEFAULT_TYPES } from '@poglog/log-format'
import { z } from 'zod'
import type { Book, Line, Scope } from './checker/book.ts'
import type { Violation } from './checker/violation.ts'
import type { History } from './history.ts'
import type { SeededRandom } from './random.ts'

/** Short, and at times so long that what was missed is trimmed from Redis meanwhile. */
const LISTEN_MS: readonly [number, number] = [500, 12_000]
const AWAY_MS: readonly [number, number] = [0, 2000]
const LONG_AWAY_MS: readonly [number, number] = [20_000, 30_000]
const LONG_AWAY_CHANCE = 0.15
const RETRY_MS = 300
const POLL_MS = 250

const messageSchema = z.object({ raw: z.string() })

export interface LiveListenerOptions {
  readonly apis: readonly string[]
  /** `/channel/x/live` or `/user/x/live`. */
  readonly path: string
  readonly scope: Scope
  /** Who comes back after Redis' clock has stepped back by seconds may get messages of a user again. */
  readonly mayRepeat: boolean
  readonly book: Book
  readonly random: SeededRandom
  readonly history: History
}

/** Listens as a browser does: is cut off, goes to another API and goes on behind the last event it got. */
export class LiveListener {
  /** How often it was connected. */
  connections = 0
  readonly #options: LiveListenerOptions
  readonly #heard = new Set<Line>()
  readonly #stopping = new AbortController()
  readonly #loop: Promise<void>
  #lastEventId = ''
  #firstNumber: number | undefined

  constructor(options: LiveListenerOptions) {
    this.#options = options
    this.#loop = this.#run()
  }

  get heard(): number {
    return this.#heard.size
  }

  /** Waits until nothing is missing, and ends. @returns what is missing still. */
  async finish(waitMs: number): Promise<Violation[]> {
    const deadlineMs = performance.now() + waitMs
    while (this.#missing().length > 0 && performance.now() < deadlineMs) await sleep(POLL_MS)
    this.#stopping.abort()
    await this.#loop
    const { path } = this.#options
    return this.#missing().map(({ number, raw }) => {
      return { kind: 'missing', detail: `line ${number} never came over ${path}`, raw }
    })
  }

  /** What is stored, was sent after it was first told where it listens from, and did not come. */
  #missing(): Line[] {
    const { book, scope } = this.#options
    const from = this.#firstNumber ?? Number.POSITIVE_INFINITY
    return book.lines(scope).filter((line) => {
      const isStored = line.number >= from && line.ackedAt !== Number.POSITIVE_INFINITY
      return isStored && this.#isSure(line) && !this.#heard.has(line)
    })
  }

  /** A CLEARMSG names its user by login, which may not have been known where it was received. */
  #isSure({ type, userId }: Line): boolean {
    const { scope } = this.#options
    return DEFAULT_TYPES.has(type) && (scope.userId === undefined || scope.userId === userId)
  }

  async #run(): Promise<void> {
    const { random } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const isThere = await this.#listen(random.between(...LISTEN_MS))
      const away = random.chance(LONG_AWAY_CHANCE) ? LONG_AWAY_MS : AWAY_MS
      const pauseMs = isThere ? random.between(...away) : RETRY_MS
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** One connection. @returns whether there was one. */
  async #listen(forMs: number): Promise<boolean> {
    const { apis, path, random, book, history } = this.#options
    const api = random.pick(apis) ?? ''
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(forMs)])
    const headers = this.#lastEventId === '' ? {} : { 'last-event-id': this.#lastEventId }
    try {
      const response = await fetch(`${api}${path}`, { headers, signal })
      if (response.status !== 200 || response.body === null) {
        const detail = `${path}: ${response.status}: ${(await response.text()).slice(0, 300)}`
        if (response.status < 500) history.violated([{ kind: 'refused', detail }], { api })
        return false
      }
      this.connections += 1
      // Not as a stream of events: an id must not be noted before what came with it is taken.
      const parser = createParser({
        onId: (id) => {
          this.#lastEventId = id
          this.#firstNumber ??= book.all.length
        },
        onEvent: ({ event, data }) => {
          if (event === undefined || event === 'message') this.#take(data, api)
        },
      })
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
        parser.feed(text)
      }
    } catch (error) {
      // Cut off by us, by a fault, or by the API.
      if (!(error instanceof Error)) throw error
    }
    return true
  }

  #take(data: string, api: string): void {
    const { book, history, path, scope, mayRepeat } = this.#options
    const { raw } = messageSchema.parse(JSON.parse(data))
    const line = book.find(raw)
    const told = { route: path, url: api }
    if (line === undefined) {
      history.violated([{ kind: 'foreign', detail: 'was never sent', raw }], told)
      return
    }
    if (this.#heard.has(line) && !mayRepeat) {
      history.violated([{ kind: 'double', detail: `twice, id ${this.#lastEventId}`, raw }], told)
    }
    if (!isOf(line, scope)) {
      history.violated([{ kind: 'outside', detail: 'was not asked for', raw }], told)
    }
    this.#heard.add(line)
    book.acknowledge(line)
  }
}

function isOf(line: Line, { channelId, userId }: Scope): boolean {
  return (
    (channelId === undefined || line.channelId === channelId) &&
    (userId === undefined || line.userId === userId || line.maybeUserId === userId)
  )
}

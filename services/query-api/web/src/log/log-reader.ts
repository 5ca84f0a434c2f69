import type { Line } from '../chat/line.ts'
import { DAY_MS } from '../place/time.ts'
import { SEARCH_SPAN_MS } from './log-page.ts'
import type { Direction, Edge, LogPage, PageAsked } from './log-page.ts'
import { edgeOf, newestMs, trimmed, withLive, withNewerFrom, withPage } from './log-window.ts'
import type { LogLimits, LogWindow } from './log-window.ts'
import type { LogQuery } from './log-query.ts'

export type Loading = 'idle' | 'loading' | { readonly error: unknown }

/** What is known of a log. It is replaced, never changed. */
export interface LogState {
  /** Of the first part. */
  readonly first: Loading
  readonly older: Loading
  readonly newer: Loading
  readonly window: LogWindow
  /** Live lines that came while nobody looked at the end. */
  readonly unseen: number
}

/** What a reader needs. Times are milliseconds since the Unix epoch. */
export interface LogReaderDeps {
  readonly askPage: (query: LogQuery, asked: PageAsked) => Promise<LogPage>
  /** When the log begins. */
  readonly askFirstMs: (query: LogQuery, signal: AbortSignal) => Promise<number>
  readonly now: () => number
  readonly limits: LogLimits
}

const EMPTY: LogState = { first: 'loading', older: 'idle', newer: 'idle', window: [], unseen: 0 }

/**
 * Reads a log from a time on, in both directions, and takes in what comes live.
 *
 * Live lines are put behind the window only while nothing lies between: where something may have been missed, it is
 * asked for first, so that there is never a hole, and what is there already is left out, so that nothing is there twice.
 */
export class LogReader {
  readonly #query: LogQuery
  readonly #deps: LogReaderDeps
  readonly #listeners = new Set<() => void>()
  readonly #closed = new AbortController()
  #firstMs: Promise<number> | undefined
  #state = EMPTY
  #beganMs = 0
  /** Grows when the log is begun anew: what was asked before is then of no use. */
  #round = 0
  #waiting: Line[] = []
  #hasDropped = false
  #isFollowing = false

  constructor(query: LogQuery, deps: LogReaderDeps) {
    this.#query = query
    this.#deps = deps
  }

  get state(): LogState {
    return this.#state
  }

  /** @returns what ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#closed.abort()
    this.#listeners.clear()
  }

  /** Begins at a time, with what lies around it; at the newest line when none is given. */
  async begin(atMs: number | undefined): Promise<void> {
    this.#round += 1
    const round = this.#round
    this.#beganMs = this.#deps.now()
    this.#waiting = []
    this.#set(EMPTY)
    try {
      const window = await this.#firstPages(atMs)
      if (round === this.#round) this.#set({ window, first: 'idle' })
    } catch (error) {
      if (round === this.#round && !this.#closed.signal.aborted) this.#set({ first: { error } })
    }
    if (round === this.#round) this.#flush()
  }

  /** Loads what lies beyond the window, unless that is under way or nothing does. */
  async more(direction: Direction): Promise<void> {
    const edge = edgeOf(this.#state.window, direction)
    if (this.#state.first !== 'idle' || this.#state[direction] === 'loading' || edge.kind === 'end')
      return
    const round = this.#round
    this.#set({ [direction]: 'loading' })
    try {
      const page = await this.#ask(direction, edge, this.#deps.limits.pageLines)
      if (round !== this.#round) return
      this.#set({ [direction]: 'idle' })
      // Where the page before it was let go meanwhile, there would be a hole.
      const { window } = this.#state
      if (edgeOf(window, direction) === edge)
        this.#grow(withPage(window, page, direction), direction)
    } catch (error) {
      if (round !== this.#round || this.#closed.signal.aborted) return
      this.#set({ [direction]: { error } })
    }
    this.#flush()
  }

  /** Takes lines that have just come. */
  takeLive(lines: readonly Line[]): void {
    const { window, unseen } = this.#state
    const { limits } = this.#deps
    if (!this.#isFollowing) this.#set({ unseen: unseen + lines.length })
    const isFull = !this.#isFollowing && window.length >= limits.pagesMax
    if (this.#waiting.length + lines.length > limits.waitingLinesMax || isFull) {
      // Who reads keeps what they read; the rest is asked for when they come back to the end.
      this.#waiting = []
      this.missed()
      return
    }
    this.#waiting.push(...lines)
    this.#flush()
  }

  /** Says that something newer than the window may have been missed. */
  missed(): void {
    const { first, newer } = this.#state
    // What is on its way may have been asked for before that.
    this.#hasDropped = first === 'loading' || newer === 'loading'
    if (this.#hasDropped) return
    const { window } = this.#state
    // Where there is no line, all that was sent up to the beginning has been looked at, but for what came late.
    const timeMs = newestMs(window) ?? Math.max(0, this.#beganMs - DAY_MS)
    this.#set({ window: withNewerFrom(window, this.#edgeAt(timeMs)), newer: 'idle' })
    this.#catchUp()
  }

  /** Says whether somebody looks at the newest lines. */
  follow(isFollowing: boolean): void {
    if (this.#isFollowing === isFollowing) return
    this.#isFollowing = isFollowing
    if (isFollowing) this.#set({ unseen: 0 })
    this.#catchUp()
  }

  #catchUp(): void {
    if (this.#isFollowing && this.#state.newer === 'idle') void this.more('newer')
  }

  /** Puts what waits behind the window, if nothing can lie between. */
  #flush(): void {
    if (this.#state.first !== 'idle' || this.#state.newer === 'loading') return
    if (edgeOf(this.#state.window, 'newer').kind !== 'end') {
      this.#catchUp()
      return
    }
    if (this.#hasDropped) {
      this.missed()
      return
    }
    const lines = this.#waiting
    this.#waiting = []
    if (lines.length === 0) return
    this.#grow(withLive(this.#state.window, lines, this.#deps.limits), 'newer')
  }

  #grow(window: LogWindow, direction: Direction): void {
    this.#set({ window: trimmed(window, direction, this.#deps.limits) })
  }

  async #firstPages(atMs: number | undefined): Promise<LogWindow> {
    const { firstLines } = this.#deps.limits
    if (atMs === undefined) {
      const newest: Edge = this.#edgeAt(this.#deps.now() + DAY_MS)
      const page = await this.#ask('older', newest, firstLines)
      return [{ ...page, newer: { kind: 'end' } }]
    }
    const edge = this.#edgeAt(atMs)
    return await Promise.all([
      this.#ask('older', edge, firstLines),
      this.#ask('newer', edge, firstLines),
    ])
  }

  #edgeAt(timeMs: number): PageAsked['edge'] {
    const isSearch = this.#query.search !== ''
    return { kind: 'time', timeMs, ...(isSearch ? { spanMs: SEARCH_SPAN_MS } : {}) }
  }

  async #ask(direction: Direction, edge: PageAsked['edge'], limit: number): Promise<LogPage> {
    const { signal } = this.#closed
    const firstMs = this.#query.search === '' ? 0 : await this.#askFirst()
    const nowMs = this.#deps.now()
    return await this.#deps.askPage(this.#query, { direction, edge, limit, firstMs, nowMs, signal })
  }

  async #askFirst(): Promise<number> {
    this.#firstMs ??= this.#deps.askFirstMs(this.#query, this.#closed.signal)
    try {
      return await this.#firstMs
    } catch (error) {
      this.#firstMs = undefined
      throw error
    }
  }

  #set(change: Partial<LogState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

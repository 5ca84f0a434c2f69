import type { AppendLine } from '@poglog/hot-store'
import { parseRouting } from '@poglog/irc-parser'
import type { GapCause } from '@poglog/log-format'

/** Lines lost within so long become one GAP of their channel. */
const COLLECT_MS = 10_000
/** Lines further apart are two GAPs: between them nothing need be missing. */
const APART_MS_MAX = 60_000
/** Channels with lost lines that are told apart. */
const CHANNELS_MAX = 10_000

/** Lost lines of one channel, for one cause; times are sent times, in milliseconds since the Unix epoch. */
export interface GapNote {
  readonly channelId: string
  readonly login: string
  readonly cause: GapCause
  readonly fromMs: number
  readonly toMs: number
  /** 0 where nobody counted them. */
  readonly lines: number
}

/** Lost lines of channels that are not told apart. */
export type WideGap = Omit<GapNote, 'channelId' | 'login' | 'lines'>

type Noted = { -readonly [Key in keyof GapNote]: GapNote[Key] } & { readonly sinceMs: number }

/** Collects lines that were lost until they are told as GAPs; its size has a bound, whatever is lost. */
export class GapNotes {
  readonly #noted = new Map<string, Noted>()
  readonly #done: Noted[] = []
  readonly #wide = new Map<GapCause, WideGap & { readonly sinceMs: number }>()

  /** `nowMs` is monotonic; `sentNowMs` stands for the sent time of a line that has none. */
  add(line: AppendLine, cause: GapCause, now: { nowMs: number; sentNowMs: number }): void {
    const sentMs = line.sentAtMs ?? now.sentNowMs
    const key = `${line.channelId} ${cause}`
    const noted = this.#noted.get(key)
    if (noted !== undefined && isNear(noted, sentMs)) {
      noted.fromMs = Math.min(noted.fromMs, sentMs)
      noted.toMs = Math.max(noted.toMs, sentMs)
      noted.lines += 1
      return
    }
    if (
      noted === undefined ? this.#noted.size >= CHANNELS_MAX : this.#done.length >= CHANNELS_MAX
    ) {
      this.#widen(sentMs, cause, now.nowMs)
      return
    }
    if (noted !== undefined) this.#done.push(noted)
    const { channelId } = line
    const login = parseRouting(line.raw)?.channel ?? ''
    const range = { fromMs: sentMs, toMs: sentMs, lines: 1, sinceMs: now.nowMs }
    this.#noted.set(key, { channelId, login, cause, ...range })
  }

  /** Monotonic; everything added before was taken. `undefined` when there is nothing left. */
  get oldestMs(): number | undefined {
    let oldestMs: number | undefined
    for (const notes of [this.#noted.values(), this.#done, this.#wide.values()]) {
      for (const { sinceMs } of notes) oldestMs = Math.min(oldestMs ?? sinceMs, sinceMs)
    }
    return oldestMs
  }

  /** Takes what was collected for long enough; all of it without a time. */
  take(nowMs = Number.POSITIVE_INFINITY): {
    readonly notes: readonly GapNote[]
    /** Concerns every channel. */
    readonly wide: readonly WideGap[]
  } {
    const notes: GapNote[] = this.#done.splice(0)
    for (const [key, noted] of this.#noted) {
      if (nowMs - noted.sinceMs < COLLECT_MS) continue
      notes.push(noted)
      this.#noted.delete(key)
    }
    const wide = [...this.#wide.values()]
    this.#wide.clear()
    return { notes, wide }
  }

  #widen(sentMs: number, cause: GapCause, nowMs: number): void {
    const first = { fromMs: sentMs, toMs: sentMs, sinceMs: nowMs }
    const { fromMs, toMs, sinceMs } = this.#wide.get(cause) ?? first
    this.#wide.set(cause, {
      cause,
      fromMs: Math.min(fromMs, sentMs),
      toMs: Math.max(toMs, sentMs),
      sinceMs,
    })
  }
}

function isNear({ fromMs, toMs }: GapNote, sentMs: number): boolean {
  return sentMs >= fromMs - APART_MS_MAX && sentMs <= toMs + APART_MS_MAX
}

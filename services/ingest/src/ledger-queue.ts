import type { AppendLine } from '@poglog/hot-store'
import { gapLine, presenceLine, recordFromLine } from '@poglog/log-format'
import type { LedgerEntry } from '@poglog/log-format'

/** About 400 bytes each. */
const WAITING_MAX = 50_000

/** An entry, without its channel's id where only the login is known. */
export type LedgerDraft = WithoutId<LedgerEntry> & { readonly channelId?: string }

/** Of each kind of entry, not of what all have in common. */
type WithoutId<Entry> = Entry extends LedgerEntry ? Omit<Entry, 'channelId'> : never

export interface LedgerQueueDeps {
  /** `false`: there is no room for it now. */
  readonly offer: (line: AppendLine) => boolean
  readonly channelIdOf: (login: string) => string | undefined
  readonly events: LedgerQueueEvents
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number
}

export interface LedgerQueueEvents {
  /** Records were given up: too many wait for room or for their channel's id. Coverage then claims less, never more. */
  readonly ledgerLost: (records: number) => void
}

/** Ledger records on their way to the log: they wait for room, and for the id of their channel. */
export class LedgerQueue {
  readonly #deps: LedgerQueueDeps
  #lines: { readonly line: AppendLine; readonly addedMs: number }[] = []
  #nameless: LedgerDraft[] = []

  constructor(deps: LedgerQueueDeps) {
    this.#deps = deps
  }

  get waiting(): number {
    return this.#lines.length + this.#nameless.length
  }

  /** Monotonic; everything added before was offered with success, but what waits for a channel's id. */
  get offeredUntilMs(): number {
    return this.#lines[0]?.addedMs ?? this.#deps.nowMs()
  }

  add(draft: LedgerDraft): void {
    const channelId = draft.channelId ?? this.#deps.channelIdOf(draft.login)
    if (channelId === undefined) {
      this.#keep(this.#nameless, draft)
      return
    }
    const line = ledgerRecord({ ...draft, channelId })
    if (line === undefined) this.#deps.events.ledgerLost(1)
    else if (this.#lines.length > 0 || !this.#deps.offer(line)) {
      this.#keep(this.#lines, { line, addedMs: this.#deps.nowMs() })
    }
  }

  /** Offers again what waits. */
  drain(): void {
    const nameless = this.#nameless
    this.#nameless = []
    for (const draft of nameless) this.add(draft)
    let taken = 0
    for (const { line } of this.#lines) {
      if (!this.#deps.offer(line)) break
      taken += 1
    }
    this.#lines.splice(0, taken)
  }

  #keep<Item>(items: Item[], item: Item): void {
    if (this.waiting < WAITING_MAX) items.push(item)
    else this.#deps.events.ledgerLost(1)
  }
}

/** A ledger record as it is appended; `undefined` where no channel can have that id or login. */
export function ledgerRecord(entry: LedgerEntry): AppendLine | undefined {
  const raw = entry.kind === 'gap' ? gapLine(entry) : presenceLine(entry)
  const record = recordFromLine(raw, { receivedAtMs: entry.atMs })
  if (record === undefined) return undefined
  const { channelId, key, sentAtMs, type } = record
  return { channelId, key, raw, sentAtMs, userId: '', type }
}

import { comparePositions } from '@poglog/log-format'
import type { LineFacts } from './line.ts'

/** A line that was sent, and what has happened to it since. */
export interface Line extends LineFacts {
  /** Counts up in the order of sending. */
  readonly number: number
  /** Sent while the fleet was to lose nothing. */
  readonly isExpected: boolean
  /** The tick at which it was known to be stored; infinite until then. */
  ackedAt: number
}

export interface Scope {
  readonly channelId?: string | undefined
  readonly userId?: string | undefined
}

/**
 * Everything that was sent, and what of it must be in every answer from which tick on. Ticks count up; they tell what
 * came before what within this process, which sends, listens and asks.
 */
export class Book {
  /** Whether what is sent now must be stored. */
  isExpecting = false
  readonly all: Line[] = []
  readonly #byRaw = new Map<string, Line>()
  readonly #byKey = new Map<string, Line>()
  readonly #byChannel = new Map<string, Line[]>()
  readonly #byUser = new Map<string, Line[]>()
  #tick = 0

  /** A moment that lies after everything so far and before everything to come. */
  moment(): number {
    this.#tick += 1
    return this.#tick
  }

  send(facts: LineFacts): Line {
    const id = `${facts.channelId} ${facts.key}`
    const same = this.#byKey.get(id)
    if (same !== undefined) {
      // An event twice within a millisecond is one record, whichever of the lines stands for it.
      this.#byRaw.set(facts.raw, same)
      return same
    }
    const { isExpecting: isExpected, all } = this
    const line = { ...facts, number: all.length, isExpected, ackedAt: Number.POSITIVE_INFINITY }
    all.push(line)
    this.#byKey.set(id, line)
    this.#byRaw.set(facts.raw, line)
    insert(this.#byChannel, facts.channelId, line)
    const userId = facts.userId === '' ? facts.maybeUserId : facts.userId
    if (userId !== '') insert(this.#byUser, userId, line)
    return line
  }

  /** The line of these very bytes. */
  find(raw: string): Line | undefined {
    return this.#byRaw.get(raw)
  }

  /** From now on it must be in every answer. */
  acknowledge(line: Line): void {
    if (line.ackedAt === Number.POSITIVE_INFINITY) line.ackedAt = this.moment()
  }

  /** The lines of a channel, of a user, or of a user in a channel, in order. */
  lines({ channelId, userId }: Scope): readonly Line[] {
    if (channelId === undefined) return this.#byUser.get(userId ?? '') ?? []
    const lines = this.#byChannel.get(channelId) ?? []
    if (userId === undefined) return lines
    return lines.filter((line) => line.userId === userId || line.maybeUserId === userId)
  }

  get channels(): readonly string[] {
    return [...this.#byChannel.keys()]
  }

  get users(): readonly string[] {
    return [...this.#byUser.keys()]
  }
}

/** Lines come nearly in order, so the place is near the end. */
function insert(map: Map<string, Line[]>, key: string, line: Line): void {
  const lines = map.get(key)
  if (lines === undefined) {
    map.set(key, [line])
    return
  }
  let at = lines.length
  for (let before = lines[at - 1]; before !== undefined && comparePositions(before, line) > 0;) {
    at -= 1
    before = lines[at - 1]
  }
  lines.splice(at, 0, line)
}

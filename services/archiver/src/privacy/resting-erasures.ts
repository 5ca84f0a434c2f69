import type { Erasure } from '@poglog/hot-store'
import type { ArchiveDeps } from '../deps.ts'
import type { EraseReport } from './erase-report.ts'
import { namedSegments } from '../named-segments.ts'

/** How long an object that cannot be read is not looked for again: an erasure reads everything. */
const UNREADABLE_REST_MS = 3_600_000
/** How long others, who kept changing the manifests, are left alone. */
const BUSY_REST_MS = 300_000

interface Rest {
  readonly beforeMs: number
  readonly untilMs: number
  readonly unreadable: readonly string[]
}

/** Erasures that this process could not finish lately. They go on after a while, or when something is different. */
export class RestingErasures {
  readonly #clock: () => number
  readonly #rests = new Map<string, Rest>()

  /** `clock` gives milliseconds that never run backwards. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  add({ userId, beforeMs }: Erasure, { unreadable }: EraseReport): void {
    const restMs = unreadable.length > 0 ? UNREADABLE_REST_MS : BUSY_REST_MS
    this.#rests.set(userId, { beforeMs, untilMs: this.#clock() + restMs, unreadable })
  }

  remove(userId: string): void {
    this.#rests.delete(userId)
  }

  /** Whether an erasure has still to wait: nobody asked again, and the manifests name what could not be read. */
  async has({ userId, beforeMs }: Erasure, deps: Pick<ArchiveDeps, 'hot'>): Promise<boolean> {
    const rest = this.#rests.get(userId)
    if (rest === undefined || rest.beforeMs !== beforeMs || this.#clock() >= rest.untilMs) {
      this.#rests.delete(userId)
      return false
    }
    if (rest.unreadable.length === 0) return true
    const named = new Set((await namedSegments(deps)).map(({ key }) => key))
    return rest.unreadable.every((key) => named.has(key))
  }
}

import type { Scope } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import type { ArchiveDeps } from './deps.ts'

/** How long a segment that cannot be read is no reason to start a compaction. */
const REMEMBERED_MS = 3_600_000

/** Segments that jobs could not read. They stay where they are, and readers fail loudly on them. */
export class SetAside {
  readonly #clock: () => number
  readonly #untilMs = new Map<string, number>()

  /** `clock` gives milliseconds that never run backwards. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  add(key: string): void {
    this.#untilMs.set(key, this.#clock() + REMEMBERED_MS)
  }

  /** Forgets a segment that could be read again. */
  remove(key: string): void {
    this.#untilMs.delete(key)
  }

  has(key: string): boolean {
    const untilMs = this.#untilMs.get(key)
    if (untilMs === undefined) return false
    if (this.#clock() < untilMs) return true
    this.#untilMs.delete(key)
    return false
  }

  get size(): number {
    return [...this.#untilMs.keys()].filter((key) => this.has(key)).length
  }
}

/** The key of the object that an error says cannot be read, as opposed to a store that is away. */
export function unreadableKey(error: unknown): string | undefined {
  if (error instanceof SegmentError) return error.key
  if (error instanceof ObjectStoreError && error.kind === 'corrupt') return error.key
  return undefined
}

/** Does work on segments; one that it cannot read is set aside and told, and the failure goes on. */
export async function tellUnreadable<T>(
  scope: Scope,
  work: () => Promise<T>,
  { setAside, events }: Pick<ArchiveDeps, 'setAside' | 'events'>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const key = unreadableKey(error)
    if (key !== undefined) {
      setAside.add(key)
      events.setAside(scope, error, setAside.size)
    }
    throw error
  }
}

import type { Scope } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import type { ArchiveDeps } from '../deps.ts'
import { namedSegments } from '../named-segments.ts'

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
function unreadableKey(error: unknown): string | undefined {
  if (error instanceof SegmentError) return error.key
  if (error instanceof ObjectStoreError && error.kind === 'corrupt') return error.key
  return undefined
}

/** What is to be made of a failure. */
export type Verdict =
  /** A segment that a manifest names cannot be read. */
  | { readonly kind: 'unreadable'; readonly key: string }
  /** What was read has left the manifest, or what was written was swept: another archiver was here. */
  | { readonly kind: 'passed' }
  | { readonly kind: 'other' }

/** Judges a failure, and tells nobody. */
export async function verdictOf(error: unknown, deps: Pick<ArchiveDeps, 'hot'>): Promise<Verdict> {
  const key = unreadableKey(error)
  if (key === undefined) return { kind: 'other' }
  if (await isNamed(key, deps)) return { kind: 'unreadable', key }
  const isMissing = error instanceof SegmentError && error.kind === 'missing'
  return { kind: isMissing ? 'passed' : 'other' }
}

/** Judges a failure; a segment that is named and cannot be read is set aside and told. */
export async function judge(
  error: unknown,
  scope: Scope,
  deps: Pick<ArchiveDeps, 'hot' | 'setAside' | 'events'>,
): Promise<Verdict> {
  const verdict = await verdictOf(error, deps)
  if (verdict.kind !== 'unreadable') return verdict
  deps.setAside.add(verdict.key)
  deps.events.setAside(scope, error, deps.setAside.size)
  return verdict
}

/** Does work on segments and judges its failure: `refused` when another archiver was here, else it goes on. */
export async function unlessPassed<T>(
  scope: Scope,
  work: () => Promise<T>,
  deps: Pick<ArchiveDeps, 'hot' | 'setAside' | 'events'>,
): Promise<T | { readonly kind: 'refused' }> {
  try {
    return await work()
  } catch (error) {
    if ((await judge(error, scope, deps)).kind === 'passed') return { kind: 'refused' }
    throw error
  }
}

async function isNamed(key: string, deps: Pick<ArchiveDeps, 'hot'>): Promise<boolean> {
  return (await namedSegments(deps)).some((entry) => entry.key === key)
}

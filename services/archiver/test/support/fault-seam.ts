import { readFile } from 'node:fs/promises'
import { HotStoreError } from '@poglog/hot-store'
import { ObjectStoreError } from '@poglog/object-store'

/**
 * What can go wrong with one effect.
 *
 * - `crash-before`, `crash-after`: the process ends; nothing it does afterwards happens.
 * - `reply-lost`: the work was done, the caller is told that it is unknown.
 * - `error`: the work was not done, the caller is told that it is unknown.
 * - `late`: as `error`, but the work is done later, while the next run is under way.
 * - `very-late`: likewise, after everything else.
 */
export const FAULT_KINDS = [
  'crash-before',
  'crash-after',
  'reply-lost',
  'error',
  'late',
  'very-late',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** Where a fault strikes: the `nth` call (from 1) of an effect such as `hot.commit`, over all runs. */
export interface FaultPoint {
  readonly effect: string
  readonly nth: number
  readonly kind: FaultKind
}

/** Effects that change something; a late or half-heard one matters only there. */
export const WRITES = [
  'hot.freeze',
  'cold.put',
  'hot.commit',
  'hot.trim',
  'cold.deleteMany',
  'hot.reserve',
  'hot.swap',
  'hot.expireUserSets',
  'hot.dropAbsorbed',
  'hot.forgetAbsorbed',
  'hot.forgetRemoved',
  'hot.expireReservations',
]

/** Answered without asking anybody. */
const SYNCHRONOUS = new Set(['userShardOf', 'shardOf'])

const ITERABLES = new Set(['channels', 'readRange', 'list'])

/** The process ended here. */
class Crash extends Error {
  override readonly name = 'Crash'
}

/** Whether a failure is one that the seam makes: anything else is a bug. */
export function isPlanned(error: unknown): boolean {
  if (error instanceof Crash) return true
  if (error instanceof HotStoreError || error instanceof ObjectStoreError) {
    return error.kind === 'unavailable'
  }
  return false
}

/**
 * Stands between jobs and everything they touch. Counts each effect, calls `before` ahead of it, and
 * makes those fail that the plan names.
 */
export class FaultSeam {
  /** Every effect so far, in order. */
  readonly effects: string[] = []
  /** The planned faults that have struck. */
  readonly struck: FaultPoint[] = []
  readonly #plan: readonly FaultPoint[]
  readonly #before: (effect: string) => Promise<void>
  readonly #counts = new Map<string, number>()
  readonly #late: { work: () => Promise<unknown>; dueAt: number }[] = []
  #isDead = false
  #writes = 0

  constructor(plan: readonly FaultPoint[], before: (effect: string) => Promise<void>) {
    this.#plan = plan
    this.#before = before
  }

  /** A new process takes over from the one that ended. */
  revive(): void {
    this.#isDead = false
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** Does what is still under way from earlier, and returns how much that was. */
  async flushLate(upTo = Number.POSITIVE_INFINITY): Promise<number> {
    for (let done = 0; ; done += 1) {
      const at = this.#late.findIndex(({ dueAt }) => dueAt <= upTo)
      if (at < 0) return done
      const [late] = this.#late.splice(at, 1)
      await late?.work()
    }
  }

  /** The same object, with every asynchronous call of it an effect named `name.method`. */
  wrap<T extends object>(name: string, target: T): T {
    return new Proxy(target, {
      get: (_, property) => {
        const value: unknown = Reflect.get(target, property, target)
        if (typeof value !== 'function' || typeof property !== 'string') return value
        const effect = `${name}.${property}`
        const call = (args: unknown[]): unknown => Reflect.apply(value, target, args)
        if (SYNCHRONOUS.has(property)) return (...args: unknown[]) => call(args)
        if (ITERABLES.has(property)) {
          return (...args: unknown[]) => this.#iterate(effect, () => call(args))
        }
        return async (...args: unknown[]) => {
          // What is put late has left its file before.
          const given = effect === 'cold.put' ? await Promise.all(args.map(loaded)) : args
          return await this.#run(effect, async () => await call(given))
        }
      },
    })
  }

  async *#iterate(effect: string, open: () => unknown): AsyncGenerator {
    const iterator = asyncIterator(open())
    for (;;) {
      const step = await this.#run(effect, () => iterator.next())
      if (step.done === true) return
      yield step.value
    }
  }

  async #run<T>(effect: string, work: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Crash(effect)
    if (WRITES.includes(effect)) await this.flushLate((this.#writes += 1))
    await this.#before(effect)
    this.effects.push(effect)
    const nth = (this.#counts.get(effect) ?? 0) + 1
    this.#counts.set(effect, nth)
    const fault = this.#plan.find((point) => point.effect === effect && point.nth === nth)
    if (fault === undefined) return await work()
    this.struck.push(fault)
    return await this.#strike(fault, work)
  }

  async #strike(fault: FaultPoint, work: () => Promise<unknown>): Promise<never> {
    switch (fault.kind) {
      case 'crash-before':
        break
      case 'crash-after':
        await work()
        break
      case 'reply-lost':
        await work()
        throw unavailable(fault.effect)
      case 'error':
        throw unavailable(fault.effect)
      case 'late':
        this.#late.push({ work, dueAt: this.#writes + 2 })
        throw unavailable(fault.effect)
      case 'very-late':
        this.#late.push({ work, dueAt: Number.MAX_SAFE_INTEGER })
        throw unavailable(fault.effect)
    }
    this.#isDead = true
    throw new Crash(fault.effect)
  }
}

function unavailable(effect: string): Error {
  return effect.startsWith('hot.')
    ? new HotStoreError('unavailable', `${effect}: planned fault`)
    : new ObjectStoreError('unavailable', effect, { reason: 'planned fault' })
}

/** The bytes of a body that lies in a file, anything else as it is. */
async function loaded(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null || !('path' in value)) return value
  return typeof value.path === 'string' ? await readFile(value.path) : value
}

function asyncIterator(value: unknown): AsyncIterator<unknown> {
  if (isAsyncIterable(value)) return value[Symbol.asyncIterator]()
  throw new Error('not an async iterable')
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

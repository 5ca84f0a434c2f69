import { diskFiles } from '../src/spool-files.ts'
import type { SpoolFile, SpoolFiles } from '../src/spool-files.ts'

/**
 * What can go wrong with one effect.
 *
 * - `crash-before`, `crash-after`: the process ends; nothing it does afterwards happens.
 * - `reply-lost`: the work was done, the caller is told that it failed.
 * - `error`: the work was not done, the caller is told so.
 * - `late`: as `error`, but the work is done once the next process runs, or at the end. Only Redis can do that: what a
 *   process asked of the disk is over when it is.
 * - `torn`: half of a write reached the disk when the process ended.
 */
export type FaultKind = 'crash-before' | 'crash-after' | 'reply-lost' | 'error' | 'late' | 'torn'

/** Where a fault strikes: the `nth` call (from 1) of an effect, over all processes. */
export interface FaultPoint {
  readonly effect: string
  readonly nth: number
  readonly kind: FaultKind
}

/** One effect: its work, and half of it where it can be cut in two. */
interface Effect<T> {
  readonly name: string
  readonly work: () => Promise<T>
  readonly half?: () => Promise<unknown>
}

/** One process: what it asks for after its end never happens and is never answered. */
export class CrashingProcess {
  readonly #seam: CrashSeam
  readonly #opened = new Set<SpoolFile>()
  readonly #ended = Promise.withResolvers<void>()
  isDead = false

  constructor(seam: CrashSeam) {
    this.#seam = seam
  }

  /** Resolves when it has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /** Ends it: nothing it does from now on happens. */
  async end(): Promise<void> {
    this.isDead = true
    this.#ended.resolve()
    for (const file of this.#opened) await file.close()
    this.#opened.clear()
  }

  async run<T>(effect: Effect<T>): Promise<T> {
    if (!this.isDead) {
      try {
        const result = await this.#seam.run(effect, this)
        if (!this.isDead) return result
      } catch (error) {
        if (!this.isDead) throw error
      }
    }
    return await new Promise<never>(() => undefined)
  }

  /** The disk as this process sees it. */
  files(): SpoolFiles {
    return {
      open: async (path, flags) => {
        const name = flags === 'r' ? 'file.open-to-read' : 'file.create'
        const work = async (): Promise<SpoolFile> => {
          const file = await diskFiles.open(path, flags)
          this.#opened.add(file)
          return file
        }
        return this.#wrap(await this.run({ name, work }))
      },
      rename: (from, to) =>
        this.run({ name: 'file.rename', work: () => diskFiles.rename(from, to) }),
      rm: (path, options) =>
        this.run({ name: 'file.remove', work: () => diskFiles.rm(path, options) }),
    }
  }

  #wrap(file: SpoolFile): SpoolFile {
    return {
      write: (bytes, at) =>
        this.run({
          name: 'file.write',
          work: () => file.write(bytes, at),
          half: () => file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), at),
        }),
      read: (bytes, at) => this.run({ name: 'file.read', work: () => file.read(bytes, at) }),
      truncate: (length) => this.run({ name: 'file.truncate', work: () => file.truncate(length) }),
      datasync: () => this.run({ name: 'file.sync', work: () => file.datasync() }),
      close: () =>
        this.run({
          name: 'file.close',
          work: async () => {
            if (this.#opened.delete(file)) await file.close()
          },
        }),
    }
  }
}

/** Counts every effect of all processes and makes those fail that the plan names. */
export class CrashSeam {
  /** Every effect so far, in order. */
  readonly effects: string[] = []
  /** The planned faults that have struck. */
  readonly struck: FaultPoint[] = []
  /** Called ahead of each effect. */
  before: () => void = () => undefined
  readonly #plan: readonly FaultPoint[]
  readonly #counts = new Map<string, number>()
  #late: (() => Promise<unknown>)[] = []

  constructor(plan: readonly FaultPoint[]) {
    this.#plan = plan
  }

  /** Does what is still under way from earlier. */
  async flushLate(): Promise<void> {
    for (const work of this.#late.splice(0)) await work()
  }

  async run<T>({ name, work, half }: Effect<T>, by: CrashingProcess): Promise<T> {
    this.before()
    this.effects.push(name)
    const nth = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, nth)
    const fault = this.#plan.find((point) => point.effect === name && point.nth === nth)
    if (fault === undefined) return await work()
    this.struck.push(fault)
    if (['crash-after', 'reply-lost'].includes(fault.kind)) await work()
    if (fault.kind === 'torn') await half?.()
    if (fault.kind === 'late') this.#late.push(work)
    if (['crash-before', 'crash-after', 'torn'].includes(fault.kind)) await by.end()
    throw new Error(`${name}: planned fault`)
  }
}

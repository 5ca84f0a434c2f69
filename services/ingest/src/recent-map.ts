import { ownCopy } from './own-copy.ts'

/**
 * A map of bounded size that forgets what was not asked for longest, roughly: two generations, the older
 * of which is thrown away when the younger is full. A hit costs one look-up and moves nothing, as a linked
 * list would: it is asked several times a line.
 */
export class RecentMap<Value> {
  readonly #generationSize: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  /** Keeps at least half of `sizeMax` entries and at most all of them. */
  constructor(sizeMax: number) {
    this.#generationSize = Math.ceil(sizeMax / 2)
  }

  get(key: string): Value | undefined {
    const value = this.#young.get(key)
    if (value !== undefined) return value
    const older = this.#old.get(key)
    if (older !== undefined) this.set(ownCopy(key), older)
    return older
  }

  set(key: string, value: Value): void {
    this.#young.set(key, value)
    if (this.#young.size < this.#generationSize) return
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}

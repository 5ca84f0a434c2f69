import { fnv1a32 } from '@poglog/hot-store'

const TWO_POW_32 = 2 ** 32

/** Numbers that depend on the seed and the name alone, so that one user of them does not move another's. */
export class SeededRandom {
  #state: number

  constructor(seed: number, name: string) {
    this.#state = fnv1a32(`${name}/${seed}`)
  }

  /** `[0, 1)`; mulberry32. */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_POW_32
  }

  /** `[from, to]`, whole. */
  between(from: number, to: number): number {
    return from + Math.floor(this.unit() * (to - from + 1))
  }

  chance(share: number): boolean {
    return this.unit() < share
  }

  /** One of some; `undefined` of none. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.unit() * items.length)]
  }

  /** All of some in a new order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items]
    const order: T[] = []
    while (left.length > 0) order.push(...left.splice(Math.floor(this.unit() * left.length), 1))
    return order
  }
}

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

const TWO_POW_32 = 2 ** 32
const WARM_UP_TURNS = 16

/** Numbers that depend on the seed alone, the same on every machine. */
export class Random {
  readonly #source: RandomGenerator

  constructor(seed: number) {
    this.#source = xoroshiro128plus(mix(seed, 1))
    // Its first numbers depend little on the seed: the very first is -1 for all of them.
    for (let turn = 0; turn < WARM_UP_TURNS; turn++) this.#source.next()
  }

  /** 32 random bits as a non-negative integer. */
  bits(): number {
    return this.#source.next() >>> 0
  }

  /** `[0, 1)`. */
  unit(): number {
    return this.bits() / TWO_POW_32
  }

  /** `[0, end)`, whole. */
  below(end: number): number {
    return Math.floor(this.unit() * end)
  }

  /** `[from, to]`, whole. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  chance(share: number): boolean {
    return this.unit() < share
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0]
  }
}

/** Mixes two numbers into 32 well-spread bits (the finaliser of MurmurHash3): what is always the same about a thing. */
export function mix(seed: number, value: number): number {
  let hash = Math.imul(seed ^ Math.imul(value, 0x9e3779b1), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}

import { fnv1a32 } from '@poglog/hot-store'

/** 16 MB of sums, as much while they are sorted; a month of a big channel has about a million different words. */
const BUCKETS = 2 ** 20
/** What a word in a map takes beside its text. */
const WORD_BYTES = 150

/** The words of one pass: those whose bucket is marked. */
export interface WordPass {
  /** No word of this pass or of a later one was said more often. */
  readonly countMax: number
  readonly has: (word: string) => boolean
}

/**
 * Sums of words by a hash of the word: an upper bound of each word's count, in memory that does not grow with the
 * words. It tells which words to count exactly first, so that most need never be.
 */
export class WordBounds {
  readonly #sums = new Float64Array(BUCKETS)
  readonly #bytes = new Float64Array(BUCKETS)
  #usedCount = 0

  add(word: string, count: number): void {
    const bucket = bucketOf(word)
    const sum = this.#sums[bucket] ?? 0
    if (sum === 0) this.#usedCount += 1
    this.#sums[bucket] = sum + count
    this.#bytes[bucket] = (this.#bytes[bucket] ?? 0) + bytesOf(word)
  }

  /**
   * All words in passes, those that may have been said most first.
   *
   * @param bytesMax of the words of a pass; one bucket may have more.
   */
  *passes(bytesMax: number): Generator<WordPass> {
    const sorted = this.#used().toSorted()
    const passOf = new Uint32Array(BUCKETS)
    let [pass, countMax, bytes] = [1, 0, 0]
    const current = (): WordPass => {
      const number = pass
      return { countMax, has: (word) => passOf[bucketOf(word)] === number }
    }
    for (const both of sorted.toReversed()) {
      const bucket = both % BUCKETS
      const size = this.#bytes[bucket] ?? 0
      if (bytes > 0 && bytes + size > bytesMax) {
        yield current()
        pass += 1
        bytes = 0
      }
      if (bytes === 0) countMax = this.#sums[bucket] ?? 0
      passOf[bucket] = pass
      bytes += size
    }
    if (bytes > 0) yield current()
  }

  /** The buckets that have words, each in one number with its sum, which sorts natively: sums stay far below 2^33. */
  #used(): Float64Array {
    const used = new Float64Array(this.#usedCount)
    let at = 0
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const sum = this.#sums[bucket] ?? 0
      if (sum > 0) used[at++] = sum * BUCKETS + bucket
    }
    return used
  }
}

/** About how much memory a word takes in a map. */
export function bytesOf(word: string): number {
  return WORD_BYTES + 2 * word.length
}

/** A word with memory of its own: a piece of a text keeps the whole text alive. */
export function ownText(word: string): string {
  return Buffer.from(word, 'utf16le').toString('utf16le')
}

function bucketOf(word: string): number {
  return fnv1a32(word) % BUCKETS
}

import { millisText } from './field-text.ts'
import { hash128 } from './murmur.ts'
import type { Hash128 } from './murmur.ts'
import type { LogRecord, WordCount } from './types.ts'

const WORD = 2 ** 32
const HALF = 2 ** 16
/** Word sums stay exact below 2^53, so carries may wait for 2^20 additions of 32 bits. */
const ADDITIONS_MAX = 2 ** 20
const DIGEST = /^[0-9a-f]{32}$/

/**
 * The additive digest of a set of records, or of word counts: the sum modulo 2^128 of a hash of each.
 *
 * The order of adding does not matter, and what was added can be taken away again, so a compaction
 * can show that its outputs hold what its inputs held. FORMAT.md defines the hash.
 */
export class DigestSum {
  readonly #words: [number, number, number, number] = [0, 0, 0, 0]
  readonly #hash: Hash128 = [0, 0, 0, 0]
  #additions = 0

  /** Adds one record. */
  add(record: LogRecord): void {
    const { channelId, channelLogin, userId, sentAtMs, receivedAtMs, type, key, raw } = record
    const fields = `${channelId} ${channelLogin} ${userId} ${millisText(sentAtMs)} ${millisText(receivedAtMs)} ${type} ${key}`
    hash128(`${fields} `, raw, this.#hash)
    this.#addHash(this.#hash, 1)
  }

  /**
   * Adds one row of word counts: `count` times the hash of `channel_id word hour_ms user_id`, joined by single spaces
   * (a word has none), hashed as a record's fields are. Rows that are added up into one give the same sum.
   */
  addWords({ channelId, word, hourMs, userId, count }: WordCount): void {
    hash128(`${channelId} ${word} ${millisText(hourMs)} `, userId, this.#hash)
    if (count !== 1) multiply(this.#hash, count)
    this.#addHash(this.#hash, 1)
  }

  /** Adds the digest of a whole set: 32 hex digits. */
  addDigest(digest: string): void {
    this.#addHash(partsOf(digest), 1)
  }

  /** Takes the digest of a whole set away. */
  subtractDigest(digest: string): void {
    this.#addHash(partsOf(digest), -1)
  }

  /** 32 lower-case hex digits; all zeros for no record. */
  toString(): string {
    this.#carry()
    return this.#words.map((word) => word.toString(16).padStart(8, '0')).join('')
  }

  #addHash(words: Hash128, sign: 1 | -1): void {
    const sum = this.#words
    sum[0] += sign * words[0]
    sum[1] += sign * words[1]
    sum[2] += sign * words[2]
    sum[3] += sign * words[3]
    this.#additions += 1
    if (this.#additions >= ADDITIONS_MAX) this.#carry()
  }

  #carry(): void {
    const sum = this.#words
    let carry = 0
    for (const index of [3, 2, 1, 0] as const) {
      const word = sum[index] + carry
      carry = Math.floor(word / WORD)
      sum[index] = word - carry * WORD
    }
    this.#additions = 0
  }
}

/** Multiplies modulo 2^128 by a number below 2^32, in halves of 16 bits so that every step is exact. */
function multiply(hash: Hash128, count: number): void {
  const low = count % HALF
  const high = Math.floor(count / HALF)
  let carry = 0
  for (const index of [3, 2, 1, 0] as const) {
    const highProduct = hash[index] * high
    const sum = hash[index] * low + (highProduct % HALF) * HALF + carry
    hash[index] = sum % WORD
    carry = Math.floor(sum / WORD) + Math.floor(highProduct / HALF)
  }
}

function partsOf(digest: string): Hash128 {
  if (!DIGEST.test(digest)) throw new Error(`no digest: ${digest}`)
  const word = (at: number): number => Number.parseInt(digest.slice(at, at + 8), 16)
  return [word(0), word(8), word(16), word(24)]
}

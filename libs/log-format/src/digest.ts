import { millisText } from './field-text.ts'
import { hash128 } from './murmur.ts'
import type { Hash128 } from './murmur.ts'
import type { LogRecord } from './types.ts'

const WORD = 2 ** 32
/** Word sums stay exact below 2^53, so carries may wait for 2^20 additions of 32 bits. */
const ADDITIONS_MAX = 2 ** 20
const DIGEST = /^[0-9a-f]{32}$/

/**
 * The additive digest of a set of records: the sum modulo 2^128 of a hash of each record.
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
    this.#addWords(this.#hash, 1)
  }

  /** Adds the digest of a whole set: 32 hex digits. */
  addDigest(digest: string): void {
    this.#addWords(wordsOf(digest), 1)
  }

  /** Takes the digest of a whole set away. */
  subtractDigest(digest: string): void {
    this.#addWords(wordsOf(digest), -1)
  }

  /** 32 lower-case hex digits; all zeros for no record. */
  toString(): string {
    this.#carry()
    return this.#words.map((word) => word.toString(16).padStart(8, '0')).join('')
  }

  #addWords(words: Hash128, sign: 1 | -1): void {
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

function wordsOf(digest: string): Hash128 {
  if (!DIGEST.test(digest)) throw new Error(`no digest: ${digest}`)
  const word = (at: number): number => Number.parseInt(digest.slice(at, at + 8), 16)
  return [word(0), word(8), word(16), word(24)]
}

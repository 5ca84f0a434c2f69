/**
 * The dictionary page of a column: of text, lengths (u32) and UTF-8 bytes one after the other; of numbers, little-endian
 * integers. A text is decoded when it is first asked for: a row group has thousands, a user's rows need a few.
 */
export class Dictionary {
  readonly #bytes: Buffer
  /** Where each entry's bytes begin; the length of a text lies in the four bytes before. */
  readonly #starts: Int32Array
  readonly #texts: (string | undefined)[] = []
  readonly #numberBytes: 4 | 8 | undefined

  /**
   * @param numberBytes bytes of an entry that is a number; `undefined` for text.
   * @throws Error when the page does not hold `count` entries.
   */
  constructor(page: Uint8Array, count: number, numberBytes?: 4 | 8) {
    if (!(count >= 0 && count * 4 <= page.length)) throw new Error('dictionary header')
    this.#bytes = Buffer.from(page.buffer, page.byteOffset, page.length)
    this.#starts = new Int32Array(count)
    this.#numberBytes = numberBytes
    let at = 0
    for (let index = 0; index < count; index += 1) {
      this.#starts[index] = numberBytes === undefined ? at + 4 : at
      at += numberBytes ?? 4 + this.#bytes.readUInt32LE(at) // Throws beyond the end.
      if (at > page.length) throw new Error('dictionary page')
    }
  }

  /** How many entries there are. */
  get size(): number {
    return this.#starts.length
  }

  text(index: number): string {
    const known = this.#texts[index]
    if (known !== undefined) return known
    const start = this.#starts[index]
    if (start === undefined) throw new Error(`no entry ${index} in a dictionary`)
    const end = start + this.#bytes.readUInt32LE(start - 4)
    const text = this.#bytes.toString('utf8', start, end)
    this.#texts[index] = text
    return text
  }

  /** Every entry as a number. */
  numbers(): Float64Array {
    return Float64Array.from(this.#starts, (start) =>
      this.#numberBytes === 8
        ? Number(this.#bytes.readBigInt64LE(start))
        : this.#bytes.readInt32LE(start),
    )
  }

  /** The entry that holds these bytes, -1 when none does. */
  indexOf(wanted: Uint8Array): number {
    const { length } = wanted
    return this.#starts.findIndex(
      (start) =>
        this.#bytes.readUInt32LE(start - 4) === length &&
        this.#bytes.compare(wanted, 0, length, start, start + length) === 0,
    )
  }
}

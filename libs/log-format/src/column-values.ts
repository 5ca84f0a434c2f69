/** How many rows a column has room for at first; it grows. */
const ROWS_MIN = 1024
const BYTES_MIN = 65_536
const KEY_BYTES = 16

/** The values of one column of a row group, in the form they are written in. `-1` stands for null. */
export type ColumnValues = DictionaryValues | TextValues | TimeValues | UuidValues

/** Values that repeat: each different one once, and its number for every row. Texts, or numbers. */
export class DictionaryValues {
  readonly kind = 'dictionary'
  readonly #numbers = new Map<string | number, number>()
  #entries: (string | number)[] = []
  #indexes = new Int32Array(ROWS_MIN)
  #rows = 0
  #nulls = 0
  /** Rows in order repeat the last value more than any other. */
  #last: string | number | null = null
  #lastIndex = -1

  push(value: string | number | null): void {
    if (this.#rows === this.#indexes.length) this.#indexes = grown(this.#indexes)
    if (value !== this.#last) {
      this.#last = value
      this.#lastIndex = value === null ? -1 : this.#indexOf(value)
    }
    if (value === null) this.#nulls += 1
    this.#indexes[this.#rows] = this.#lastIndex
    this.#rows += 1
  }

  get rows(): number {
    return this.#rows
  }

  get nulls(): number {
    return this.#nulls
  }

  get entries(): readonly (string | number)[] {
    return this.#entries
  }

  /** One for each row. */
  get indexes(): Int32Array {
    return this.#indexes.subarray(0, this.#rows)
  }

  clear(): void {
    this.#numbers.clear()
    this.#entries = []
    this.#rows = 0
    this.#nulls = 0
    this.#last = null
    this.#lastIndex = -1
  }

  #indexOf(value: string | number): number {
    const known = this.#numbers.get(value)
    if (known !== undefined) return known
    const index = this.#entries.push(value) - 1
    this.#numbers.set(value, index)
    return index
  }
}

/** Texts that do not repeat: their bytes one after the other, and the length of each. */
export class TextValues {
  readonly kind = 'text'
  #bytes = Buffer.allocUnsafeSlow(BYTES_MIN)
  #sizeBytes = 0
  #lengths = new Int32Array(ROWS_MIN)
  #rows = 0
  #nulls = 0

  push(text: string | null): void {
    if (this.#rows === this.#lengths.length) this.#lengths = grown(this.#lengths)
    if (text === null) this.#nulls += 1
    this.#lengths[this.#rows] = text === null ? -1 : this.#write(text)
    this.#rows += 1
  }

  get rows(): number {
    return this.#rows
  }

  get nulls(): number {
    return this.#nulls
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#sizeBytes)
  }

  /** In bytes, one for each row. */
  get lengths(): Int32Array {
    return this.#lengths.subarray(0, this.#rows)
  }

  clear(): void {
    this.#sizeBytes = 0
    this.#rows = 0
    this.#nulls = 0
  }

  #write(text: string): number {
    const bytesMax = this.#sizeBytes + text.length * 3
    if (bytesMax > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(bytesMax, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#sizeBytes))
      this.#bytes = larger
    }
    const written = this.#bytes.write(text, this.#sizeBytes)
    this.#sizeBytes += written
    return written
  }
}

/** Milliseconds since the Unix epoch, whole numbers below 2^53. */
export class TimeValues {
  readonly kind = 'time'
  readonly nulls = 0
  #times = new Float64Array(ROWS_MIN)
  #rows = 0

  push(timeMs: number): void {
    if (this.#rows === this.#times.length) {
      const larger = new Float64Array(this.#rows * 2)
      larger.set(this.#times)
      this.#times = larger
    }
    this.#times[this.#rows] = timeMs
    this.#rows += 1
  }

  get rows(): number {
    return this.#rows
  }

  get times(): Float64Array {
    return this.#times.subarray(0, this.#rows)
  }

  clear(): void {
    this.#rows = 0
  }
}

/** UUIDs, given as 32 hex digits. */
export class UuidValues {
  readonly kind = 'uuid'
  readonly nulls = 0
  #keys: string[] = []
  #bytes: Uint8Array | undefined

  push(key: string): void {
    this.#keys.push(key)
    this.#bytes = undefined
  }

  get rows(): number {
    return this.#keys.length
  }

  /** 16 for each row. @throws Error for what is no UUID. */
  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(this.#keys.join(''), 'hex')
    if (this.#bytes.length !== this.#keys.length * KEY_BYTES) throw new Error('a key is no UUID')
    return this.#bytes
  }

  clear(): void {
    this.#keys = []
    this.#bytes = undefined
  }
}

function grown(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2)
  larger.set(numbers)
  return larger
}

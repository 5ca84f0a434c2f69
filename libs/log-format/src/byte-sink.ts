const BYTES_MIN = 65_536

/** Bytes that grow; keep one and clear it, rather than making one a page. */
export class ByteSink {
  #bytes = new Uint8Array(BYTES_MIN)
  #at = 0

  get length(): number {
    return this.#at
  }

  /** What was written; a view that holds until more is written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  clear(): void {
    this.#at = 0
  }

  /** The memory with room for `sizeBytes` more bytes from {@link length} on; {@link skip} what was filled. */
  reserve(sizeBytes: number): Uint8Array {
    if (this.#at + sizeBytes > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#at + sizeBytes, this.#bytes.length * 2))
      larger.set(this.bytes)
      this.#bytes = larger
    }
    return this.#bytes
  }

  skip(sizeBytes: number): void {
    this.#at += sizeBytes
  }

  byte(value: number): void {
    this.reserve(1)[this.#at] = value
    this.#at += 1
  }

  u32(value: number): void {
    const bytes = this.reserve(4)
    bytes[this.#at] = value
    bytes[this.#at + 1] = value >>> 8
    bytes[this.#at + 2] = value >>> 16
    bytes[this.#at + 3] = value >>> 24
    this.#at += 4
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** An unsigned LEB128 of a whole number below 2^53. */
  varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.byte((rest % 0x80) + 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  /** A zigzag LEB128 of a whole number between -2^52 and 2^52. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2)
  }
}

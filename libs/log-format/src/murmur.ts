const C1 = 0x239b961b
const C2 = 0xab0e9789
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93

const BLOCK_BYTES = 16

/** Four unsigned 32-bit words, the most significant first. */
export type Hash128 = [number, number, number, number]

/** UTF-16LE of the text being hashed; grows to the longest one seen. */
let scratch = Buffer.from(new ArrayBuffer(16_384))
let words = wordsOf(scratch)

/**
 * MurmurHash3_x86_128 (seed 0) over the UTF-16LE bytes of two strings, one behind the other, into `out`.
 *
 * For a chat line of 320 characters 0.7 us, where `crypto.hash('md5')` takes 2.1 us; writing it as UTF-8
 * alone would take 1.1 us. Good against accidents, not against an adversary: use it for sums that find
 * lost or changed records.
 *
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function hash128(head: string, tail: string, out: Hash128): void {
  const length = writeScratch(head, tail)
  let h1 = 0
  let h2 = 0
  let h3 = 0
  let h4 = 0
  const fullWords = (length - (length % BLOCK_BYTES)) / 4
  for (let at = 0; at < fullWords; at += 4) {
    h1 ^= Math.imul(rotl(Math.imul(words[at] ?? 0, C1), 15), C2)
    h1 = (Math.imul(rotl(h1, 19) + h2, 5) + 0x561ccd1b) | 0
    h2 ^= Math.imul(rotl(Math.imul(words[at + 1] ?? 0, C2), 16), C3)
    h2 = (Math.imul(rotl(h2, 17) + h3, 5) + 0x0bcaa747) | 0
    h3 ^= Math.imul(rotl(Math.imul(words[at + 2] ?? 0, C3), 17), C4)
    h3 = (Math.imul(rotl(h3, 15) + h4, 5) + 0x96cd1c35) | 0
    h4 ^= Math.imul(rotl(Math.imul(words[at + 3] ?? 0, C4), 18), C1)
    h4 = (Math.imul(rotl(h4, 13) + h1, 5) + 0x32ac3b17) | 0
  }
  // The rest, with zeros behind it: a word of zeros mixes to zero, so all four may always be mixed.
  h4 ^= Math.imul(rotl(Math.imul(words[fullWords + 3] ?? 0, C4), 18), C1)
  h3 ^= Math.imul(rotl(Math.imul(words[fullWords + 2] ?? 0, C3), 17), C4)
  h2 ^= Math.imul(rotl(Math.imul(words[fullWords + 1] ?? 0, C2), 16), C3)
  h1 ^= Math.imul(rotl(Math.imul(words[fullWords] ?? 0, C1), 15), C2)
  h1 ^= length
  h2 ^= length
  h3 ^= length
  h4 ^= length
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = final(h2 + h1)
  h3 = final(h3 + h1)
  h4 = final(h4 + h1)
  h1 = final(h1)
  h1 = (h1 + h2 + h3 + h4) | 0
  out[0] = h1 >>> 0
  out[1] = (h2 + h1) >>> 0
  out[2] = (h3 + h1) >>> 0
  out[3] = (h4 + h1) >>> 0
}

/** Writes the texts and zeros up to the end of a block behind them; returns how many bytes the texts take. */
function writeScratch(head: string, tail: string): number {
  const length = (head.length + tail.length) * 2
  if (length + 2 * BLOCK_BYTES > scratch.length) {
    const sizeBytes = Math.ceil(length / BLOCK_BYTES) * 2 * BLOCK_BYTES + 2 * BLOCK_BYTES
    scratch = Buffer.from(new ArrayBuffer(sizeBytes))
    words = wordsOf(scratch)
  }
  scratch.write(head, 0, 'utf16le')
  scratch.write(tail, head.length * 2, 'utf16le')
  scratch.writeUInt16LE(0, length) // The other half of a word that is half text.
  const fullWords = Math.ceil(length / 4)
  words.fill(0, fullWords, fullWords + 4)
  return length
}

/** The same memory as words: little-endian, as every platform Node runs on. */
function wordsOf(bytes: Buffer): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
}

function rotl(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function final(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

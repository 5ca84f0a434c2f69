const C1 = 0x239b961b
const C2 = 0xab0e9789
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93

/** Four unsigned 32-bit words, the most significant first. */
export type Hash128 = [number, number, number, number]

/**
 * MurmurHash3_x86_128 (seed 0) over the UTF-16LE bytes of a string, into `out`.
 *
 * 0.5 us for a chat line of 400 characters, where `crypto.hash('md5')` takes 2.2 us. Good against
 * accidents, not against an adversary: use it for sums that find lost or changed records.
 *
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function hash128(text: string, out: Hash128): void {
  let h1 = 0
  let h2 = 0
  let h3 = 0
  let h4 = 0
  const length = text.length
  const blocksEnd = length - (length % 8)
  for (let at = 0; at < blocksEnd; at += 8) {
    h1 ^= mix(wordAt(text, at), C1, 15, C2)
    h1 = (Math.imul(rotl(h1, 19) + h2, 5) + 0x561ccd1b) | 0
    h2 ^= mix(wordAt(text, at + 2), C2, 16, C3)
    h2 = (Math.imul(rotl(h2, 17) + h3, 5) + 0x0bcaa747) | 0
    h3 ^= mix(wordAt(text, at + 4), C3, 17, C4)
    h3 = (Math.imul(rotl(h3, 15) + h4, 5) + 0x96cd1c35) | 0
    h4 ^= mix(wordAt(text, at + 6), C4, 18, C1)
    h4 = (Math.imul(rotl(h4, 13) + h1, 5) + 0x32ac3b17) | 0
  }
  const rest = length - blocksEnd
  if (rest > 6) h4 ^= mix(wordAt(text, blocksEnd + 6), C4, 18, C1)
  if (rest > 4) h3 ^= mix(wordAt(text, blocksEnd + 4), C3, 17, C4)
  if (rest > 2) h2 ^= mix(wordAt(text, blocksEnd + 2), C2, 16, C3)
  if (rest > 0) h1 ^= mix(wordAt(text, blocksEnd), C1, 15, C2)
  const bytes = length * 2
  h1 ^= bytes
  h2 ^= bytes
  h3 ^= bytes
  h4 ^= bytes
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

/** Two code units; zeros beyond the end (`NaN` becomes 0 in `|` and `<<`). */
function wordAt(text: string, at: number): number {
  return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)
}

function mix(word: number, before: number, rotation: number, after: number): number {
  return Math.imul(rotl(Math.imul(word, before), rotation), after)
}

function rotl(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function final(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

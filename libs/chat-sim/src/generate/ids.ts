import type { Random } from '../random.ts'

const HEX_CODES = Buffer.from('0123456789abcdef', 'latin1')
const DASH = 0x2d
/** Where a UUID's dashes stand. */
const DASHES = new Set([8, 13, 18, 23])
/** Where its 32 digits stand. */
const PLACES = Array.from({ length: 36 }, (_, place) => place).filter((place) => !DASHES.has(place))
const VERSION_PLACE = 14
const VARIANT_PLACE = 19

/** Written over for each id: one flat string is made of it, which is twice as fast as joining parts. */
const id = Buffer.alloc(36, DASH)
const digits = Buffer.alloc(32)

/** A version 4 UUID: 122 random bits. */
export function uuid(random: Random): string {
  writeDigits(random)
  let digit = 0
  for (const place of PLACES) id[place] = digits[digit++] ?? 0
  id[VERSION_PLACE] = 0x34
  id[VARIANT_PLACE] = HEX_CODES[8 + ((id[VARIANT_PLACE] ?? 0) & 3)] ?? 0
  return id.toString('latin1', 0, 36)
}

/** 16 random bytes in hex, as clients send them with a message. */
export function nonce(random: Random): string {
  writeDigits(random)
  return digits.toString('latin1', 0, 32)
}

function writeDigits(random: Random): void {
  for (let at = 0; at < 32;) {
    for (let bits = random.bits(), end = at + 8; at < end; bits >>>= 4) {
      digits[at++] = HEX_CODES[bits & 15] ?? 0
    }
  }
}

import type { Random } from '../random.ts'

const HEX = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'))

/** A version 4 UUID: 122 random bits. */
export function uuid(random: Random): string {
  const a = random.bits()
  const b = random.bits()
  const c = random.bits()
  const d = random.bits()
  const version = `4${hex(b & 0xffff).slice(1)}`
  const variant = hex(((c >>> 16) & 0x3fff) | 0x8000)
  return `${hex(a >>> 16)}${hex(a & 0xffff)}-${hex(b >>> 16)}-${version}-${variant}-${hex(c & 0xffff)}${hex(d >>> 16)}${hex(d & 0xffff)}`
}

/** 16 random bytes in hex, as clients send them with a message. */
export function nonce(random: Random): string {
  let text = ''
  for (let words = 4; words > 0; words--) {
    const bits = random.bits()
    text += hex(bits >>> 16) + hex(bits & 0xffff)
  }
  return text
}

function hex(value: number): string {
  return HEX[value] ?? ''
}

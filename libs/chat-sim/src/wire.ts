/**
 * Lines of chat travel through this package as byte strings: one character for each byte of their
 * UTF-8, as Buffer's `latin1` makes them. IRC's own signs are ASCII, so routing works on them as
 * they are, and a replayed line is copied instead of being decoded and encoded again.
 */

/** The byte string of a text. */
export function toWire(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** The middle of a byte string, moved back to where a code point begins: half of one is no UTF-8. */
export function middleOf(bytes: string): number {
  let at = bytes.length >> 1
  while (at > 0 && (bytes.charCodeAt(at) & 0xc0) === 0x80) at--
  return at
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the range is what ASCII is
  return /^[\x00-\x7f]*$/.test(text)
}

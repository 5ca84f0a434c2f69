import { ENCODINGS } from './encodings.ts'
import type { Encoding } from './encodings.ts'

const ENCODED = new RegExp(`-(?:${ENCODINGS.join('|')})"$`)
/** An entity tag of RFC 9110; the list of a header is split by finding them. */
const TAG = /(?:W\/)?"[!#-~\x80-\xff]*"/g

/** The tag of the same answer in a content coding: other bytes, so another strong tag. */
export function encodedTag(tag: string, encoding: Encoding): string {
  return tag.replace(/"$/, `-${encoding}"`)
}

/**
 * The tag in `If-None-Match` that is the answer's, in whichever coding the client has it; `undefined` when its copy is
 * not current. A 304 repeats it, so that a cache knows which of its copies is meant.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 for the weak comparison.
 */
export function currentTag(ifNoneMatch: string | undefined, tag: string): string | undefined {
  if (ifNoneMatch === undefined) return undefined
  if (ifNoneMatch.trim() === '*') return tag
  const plain = plainOf(tag)
  return ifNoneMatch.match(TAG)?.find((given) => plainOf(given) === plain)
}

function plainOf(tag: string): string {
  return tag.replace(/^W\//, '').replace(ENCODED, '"')
}

/** Words that nobody can see: format characters, marks and blanks that are no white space. */
const INVISIBLE = /^[\p{C}\p{M}\p{Z}\u115F\u1160\u2800\u3164\uFFA0]+$/u

/** A word as it can be read: one that cannot be seen, which chat has many of, by its characters (`U+E0000`). */
export function wordText(word: string): string {
  if (!INVISIBLE.test(word)) return word
  const codes = Array.from(word, (character) => character.codePointAt(0) ?? 0)
  return codes.map((code) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`).join(' ')
}

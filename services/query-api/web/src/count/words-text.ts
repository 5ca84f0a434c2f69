import { WORDS_MAX } from '../place/place.ts'

/**
 * Reads what somebody typed: words are what lies between white space, as they are counted.
 *
 * @returns `undefined` where there are more than one chart compares.
 */
export function readWords(text: string): readonly string[] | undefined {
  const words = [...new Set(text.split(/\s+/u).filter((word) => word !== ''))]
  return words.length > WORDS_MAX ? undefined : words
}

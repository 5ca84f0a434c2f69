import type { LogRecord, WordCount } from './types.ts'

/** The case-folded form of a word. */
export function foldWord(word: string): string {
  return word.toLowerCase()
}

/** Compares in the order of a words segment: channel id, folded word, word (both by code point), hour, user id. */
export function compareWordCounts(_left: WordCount, _right: WordCount): number {
  throw new Error('not built yet')
}

/**
 * The words of a record that are counted, in order: what lies between Unicode white space in the text of a PRIVMSG
 * (an ACTION unwrapped) or in the user's part of a USERNOTICE. `undefined` for a record that does not count at all:
 * other types, and the copies of a shared chat, which count in the channel where they were written.
 */
export function wordsOf(_record: LogRecord): string[] | undefined {
  throw new Error('not built yet')
}

/** Adds up the words of records, given in any order, into sorted rows; `''` counts the messages themselves. */
export class WordCounter {
  add(_record: LogRecord): void {
    throw new Error('not built yet')
  }

  /** Rows held now. */
  get size(): number {
    return 0
  }

  /** The rows in order, and begins anew. */
  take(): WordCount[] {
    throw new Error('not built yet')
  }
}

/** Adds the counts of two equal rows: the `combine` of a merge of word counts. */
export function addCounts(first: WordCount, second: WordCount): WordCount {
  return { ...first, count: first.count + second.count }
}

import type { Book } from '../checker/book.ts'
import type { Violation } from '../checker/violation.ts'

export interface AskDeps {
  readonly book: Book
}

/** What came of a question. */
export type Asked =
  | {
      readonly kind: 'checked'
      readonly url: string
      readonly answers: number
      readonly violations: readonly Violation[]
    }
  | { readonly kind: 'unavailable'; readonly url: string; readonly why: string }

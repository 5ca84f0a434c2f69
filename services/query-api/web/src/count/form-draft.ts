import type { TimeRange } from '../api/range.ts'
import { WORDS_MAX } from '../place/place.ts'
import type { Place } from '../place/place.ts'
import { readSubject } from '../place/subject.ts'
import { DAY_MS, dayText, readTime } from '../place/time.ts'
import { readWords } from './words-text.ts'

/** What the fields of the form hold. */
export interface Draft {
  readonly words: string
  readonly isAnyCase: boolean
  readonly user: string
  /** Days, the last one included; empty where the range has no such end. */
  readonly from: string
  readonly to: string
}

/** Where a form leads, or what is wrong with it. */
export type Read = { readonly place: Partial<Place> } | { readonly wrong: string }

/** The fields as they are for a place and its range. */
export function draftOf({ words, isAnyCase, user }: Place, { fromMs, toMs }: TimeRange): Draft {
  return {
    words: words.join(' '),
    isAnyCase,
    user: user ?? '',
    from: fromMs === 0 ? '' : dayText(fromMs),
    to: toMs === undefined ? '' : dayText(toMs - 1),
  }
}

/** Reads the fields. An end of the range that was not touched stays as the place has it, which may be finer than a day. */
export function readDraft(draft: Draft, shown: Draft, place: Place): Read {
  const words = readWords(draft.words)
  if (words === undefined) return { wrong: `At most ${WORDS_MAX} words fit into one chart` }
  const user = draft.user.trim() === '' ? undefined : readSubject(draft.user)
  if (user === undefined && draft.user.trim() !== '') {
    return { wrong: 'A user is a login, or id: and a number' }
  }
  const from = draft.from === shown.from ? place.from : (readTime(draft.from) ?? 0)
  const toDayMs = readTime(draft.to)
  const givenTo = toDayMs === undefined ? undefined : toDayMs + DAY_MS
  const to = draft.to === shown.to ? place.to : givenTo
  if (from !== undefined && to !== undefined && from >= to) {
    return { wrong: 'The first day must not be after the last' }
  }
  return { place: { ...place, words, isAnyCase: draft.isAnyCase, user, from, to } }
}

import { describe, expect, it } from 'vitest'
import { HOME } from '../place/place.ts'
import type { Place } from '../place/place.ts'
import { draftOf, readDraft } from './form-draft.ts'

const at = (text: string): number => Date.parse(text)
const PLACE: Place = { ...HOME, view: 'words', channel: 'forsen', words: ['Pog'] }

describe('the form', () => {
  const range = { fromMs: at('2026-11-20T14:00:00Z') }
  const place = { ...PLACE, from: range.fromMs }
  const shown = draftOf(place, range)

  it('shows a place and reads it back', () => {
    expect(shown).toEqual({ words: 'Pog', isAnyCase: false, user: '', from: '2026-11-20', to: '' })
    expect(readDraft(shown, shown, place)).toEqual({ place: { ...place, user: undefined } })
  })

  it('reads days, the last one included', () => {
    const draft = { ...shown, words: ' Pog  KEKW', from: '2026-11-01', to: '2026-11-03' }
    expect(readDraft(draft, shown, place)).toMatchObject({
      place: { words: ['Pog', 'KEKW'], from: at('2026-11-01'), to: at('2026-11-04') },
    })
    const closed = { ...place, to: at('2026-11-04') }
    expect(draftOf(closed, { ...range, toMs: closed.to }).to).toBe('2026-11-03')
  })

  it('takes all from the beginning where no first day is given', () => {
    expect(readDraft({ ...shown, from: '' }, shown, place)).toMatchObject({ place: { from: 0 } })
  })

  it('says what is wrong', () => {
    expect(readDraft({ ...shown, words: 'a b c d e f' }, shown, place)).toEqual({
      wrong: 'At most 5 words fit into one chart',
    })
    expect(readDraft({ ...shown, user: 'two words' }, shown, place)).toEqual({
      wrong: 'A user is a login, or id: and a number',
    })
    const turned = { ...shown, from: '2026-11-03', to: '2026-11-02' }
    expect(readDraft(turned, shown, place)).toEqual({
      wrong: 'The first day must not be after the last',
    })
  })
})

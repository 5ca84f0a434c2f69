import { SearchX } from 'lucide-preact'
import type { Place } from '../place/place.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { Notice } from '../ui/notice.tsx'
import { wordText } from './word-text.ts'

/** What stands where a range holds nothing of what is counted, and what to try. */
export function NothingSaid({ place }: { readonly place: Place }) {
  const { words, isAnyCase, from } = place
  const what =
    words.length === 0 ? 'Nothing was said' : `Nobody said ${words.map(wordText).join(', ')}`
  return (
    <Notice
      icon={SearchX}
      title={`${what} in this time`}
      actions={
        <>
          {words.length === 0 || isAnyCase ? null : (
            <PlaceLink to={{ ...place, isAnyCase: true }} class="button">
              Any case
            </PlaceLink>
          )}
          {from === 0 ? null : (
            <PlaceLink to={{ ...place, from: 0, to: undefined }} class="button">
              At any time
            </PlaceLink>
          )}
        </>
      }
    >
      {words.length === 0 ? null : (
        <p>A word is what stands between spaces: “Pog!” is another word than “Pog”.</p>
      )}
    </Notice>
  )
}

import type { Place } from '../place/place.ts'

export function WordsView({ place }: { readonly place?: Place }) {
  return <p>{place?.channel}</p>
}

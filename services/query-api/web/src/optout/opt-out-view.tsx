import type { Place } from '../place/place.ts'

export function OptOutView({ place }: { readonly place?: Place }) {
  return <p>{place?.channel}</p>
}

import type { Place } from '../place/place.ts'

export function LogView({ place }: { readonly place?: Place }) {
  return <p>{place?.channel}</p>
}

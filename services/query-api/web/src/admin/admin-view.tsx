import type { Place } from '../place/place.ts'

export function AdminView({ place }: { readonly place?: Place }) {
  return <p>{place?.channel}</p>
}

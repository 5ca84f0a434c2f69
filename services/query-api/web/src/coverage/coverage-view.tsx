import type { Place } from '../place/place.ts'

export function CoverageView({ place }: { readonly place?: Place }) {
  return <p>{place?.channel}</p>
}

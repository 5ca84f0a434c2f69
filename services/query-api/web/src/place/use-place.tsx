import type { ComponentChildren } from 'preact'
import { useCallback, useMemo } from 'preact/hooks'
import { Link, useSearch } from 'wouter-preact'
import { navigate } from 'wouter-preact/use-browser-location'
import { HOME, placeHref, readPlace } from './place.ts'
import type { Place } from './place.ts'

/** Goes to another place: what is not given stays as {@link HOME} has it. */
export type Go = (place: Partial<Place>, options?: { readonly replace?: boolean }) => void

/** Where the page is, and the way to another place. */
export function usePlace(): readonly [Place, Go] {
  const search = useSearch()
  const place = useMemo(() => readPlace(search), [search])
  const go = useCallback<Go>((next, { replace = false } = {}) => {
    navigate(placeHref({ ...HOME, ...next }), { replace })
  }, [])
  return [place, go]
}

interface PlaceLinkProps {
  readonly to: Partial<Place>
  readonly class?: string
  readonly title?: string
  readonly 'aria-current'?: 'page' | 'true' | undefined
  readonly 'aria-label'?: string | undefined
  readonly children: ComponentChildren
}

/** A link within the page; what `to` does not give is as {@link HOME} has it. */
export function PlaceLink({ to, ...rest }: PlaceLinkProps) {
  return <Link href={placeHref({ ...HOME, ...to })} {...rest} />
}

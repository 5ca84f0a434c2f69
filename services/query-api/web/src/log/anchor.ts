import { useCallback, useRef } from 'preact/hooks'
import type { Line } from '../chat/line.ts'
import type { Place } from '../place/place.ts'
import type { Go } from '../place/use-place.tsx'

/** Where a log was opened: at a time, and at which message there; at the newest line without. A new object is a new opening. */
export interface Anchor {
  readonly at: number | undefined
  readonly message: string | undefined
}

/**
 * Where the log of a place is opened, and what tells the address where it has been scrolled to since: the address can
 * be shared, and going back comes back to the same lines.
 */
export function useAnchor(
  place: Place,
  go: Go,
): readonly [Anchor, (line: Line | undefined) => void] {
  const { at, message } = place
  const anchor = useRef<Anchor>({ at, message })
  const seen = useRef({ at, message })
  const written = useRef<number | undefined>(Number.NaN)
  if (seen.current.at !== at || seen.current.message !== message) {
    seen.current = { at, message }
    if (at !== written.current || message !== undefined) anchor.current = { at, message }
  }
  const onMove = useCallback(
    (line: Line | undefined) => {
      if (line?.sentMs === seen.current.at) return
      written.current = line?.sentMs
      go({ ...place, at: line?.sentMs, message: undefined }, { replace: true })
    },
    [go, place],
  )
  return [anchor.current, onMove]
}

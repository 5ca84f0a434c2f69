import { CircleSlash, CloudOff, Hourglass, KeyRound, SearchX, TriangleAlert } from 'lucide-preact'
import type { LucideIcon } from 'lucide-preact'
import { ApiError } from '../api/errors.ts'
import type { ApiErrorKind } from '../api/errors.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { Notice } from './notice.tsx'

interface Told {
  readonly icon: LucideIcon
  readonly title: string
  readonly text?: string
}

const TOLD: Readonly<Record<ApiErrorKind, Told>> = {
  offline: {
    icon: CloudOff,
    title: 'The server cannot be reached',
    text: 'You may be offline, or the server is not running. What is on this page stays.',
  },
  busy: { icon: Hourglass, title: 'The server asks to come again in a moment' },
  failed: { icon: TriangleAlert, title: 'The server could not answer' },
  unknown: {
    icon: SearchX,
    title: 'Nobody was seen by that name',
    text: 'Look at the spelling. A channel has logs from the day on which it was added; a user from their first message in such a channel.',
  },
  'opted-out': {
    icon: CircleSlash,
    title: 'Opted out',
    text: 'This channel or user asked not to be logged, so nothing of them is stored or shown.',
  },
  key: {
    icon: KeyRound,
    title: 'An admin key is needed',
    text: 'The server did not take the key, or shows this to nobody.',
  },
  wrong: { icon: TriangleAlert, title: 'The server does not take that question' },
}

interface FailureProps {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
}

/** What went wrong, and what to do about it. */
export function Failure({ error, onRetry }: FailureProps) {
  const kind = error instanceof ApiError ? error.kind : 'failed'
  const { icon, title, text } = TOLD[kind]
  const isLasting = kind === 'unknown' || kind === 'opted-out' || kind === 'wrong'
  const said = error instanceof Error ? error.message : ''
  return (
    <Notice
      icon={icon}
      title={title}
      isAlert
      actions={
        <>
          {onRetry === undefined || isLasting ? null : (
            <button type="button" class="button primary" onClick={onRetry}>
              Try again
            </button>
          )}
          {kind === 'opted-out' ? (
            <PlaceLink to={{ view: 'optout' }} class="button">
              How opting out works
            </PlaceLink>
          ) : null}
        </>
      }
    >
      <p>{text ?? said}</p>
      {text === undefined || said === '' || kind === 'opted-out' ? null : (
        <p class="small">{said}</p>
      )}
    </Notice>
  )
}

import { useMemo, useState } from 'preact/hooks'
import { fragmentsOf } from './fragments.ts'
import type { Fragment } from './fragments.ts'
import type { Place } from '../place/place.ts'
import { PlaceLink } from '../place/use-place.tsx'

const EMOTES = 'https://static-cdn.jtvnw.net/emoticons/v2'

interface LineTextProps {
  readonly text: string
  readonly emotes?: string
  readonly search: string
  /** Where a name that is mentioned leads, beside its user. */
  readonly mention: Partial<Place>
}

/** What somebody wrote: with its emotes, links and names, and what was searched for marked. */
export function LineText({ text, emotes = '', search, mention }: LineTextProps) {
  const fragments = useMemo(() => fragmentsOf(text, emotes, search), [text, emotes, search])
  return (
    <>
      {fragments.map((fragment, index) => (
        // The pieces of a text never change places.
        // oxlint-disable-next-line react/no-array-index-key
        <Piece key={index} fragment={fragment} mention={mention} />
      ))}
    </>
  )
}

interface PieceProps {
  readonly fragment: Fragment
  readonly mention: Partial<Place>
}

function Piece({ fragment, mention }: PieceProps) {
  switch (fragment.kind) {
    case 'text':
      return fragment.isMarked ? <mark>{fragment.text}</mark> : <>{fragment.text}</>
    case 'emote':
      return fragment.isMarked ? (
        <mark>
          <Emote id={fragment.id} name={fragment.text} />
        </mark>
      ) : (
        <Emote id={fragment.id} name={fragment.text} />
      )
    case 'mention':
      return (
        <PlaceLink to={{ ...mention, user: fragment.login }} class="mention">
          {fragment.text}
        </PlaceLink>
      )
    case 'link':
      return (
        <a href={fragment.url} target="_blank" rel="noopener noreferrer nofollow ugc">
          {fragment.text}
        </a>
      )
  }
}

interface EmoteProps {
  readonly id: string
  readonly name: string
}

/** The picture of an emote; its name where the picture does not come. */
function Emote({ id, name }: EmoteProps) {
  const [hasFailed, setFailed] = useState(false)
  if (hasFailed) return <span class="emote-name">{name}</span>
  const url = `${EMOTES}/${id}/default/dark`
  return (
    <img
      class="emote"
      src={`${url}/1.0`}
      srcset={`${url}/2.0 2x, ${url}/3.0 3x`}
      alt={name}
      title={name}
      referrerpolicy="no-referrer"
      onError={() => setFailed(true)}
    />
  )
}

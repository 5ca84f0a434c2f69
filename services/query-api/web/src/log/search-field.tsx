import { useEffect, useState } from 'preact/hooks'
import type { Place } from '../place/place.ts'
import { usePlace } from '../place/use-place.tsx'

/** Where somebody says what the messages hold that they look for. */
export function SearchField({ place }: { readonly place: Place }) {
  const [, go] = usePlace()
  const [text, setText] = useState(place.search ?? '')
  useEffect(() => setText(place.search ?? ''), [place.search])
  const search = (): void => {
    const wanted = text.trim() === '' ? undefined : text.trim()
    if (wanted !== place.search) go({ ...place, search: wanted, message: undefined })
  }
  return (
    <form
      class="search"
      onSubmit={(event) => {
        event.preventDefault()
        search()
      }}
    >
      <input
        class="field"
        type="search"
        aria-label="Search in these messages"
        placeholder="Search messages"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onSearch={search}
      />
    </form>
  )
}

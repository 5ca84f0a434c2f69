import type { Place } from '../place/place.ts'
import { useNow } from '../ui/use-now.ts'
import { ChannelOverview } from './channel-overview.tsx'
import { ChannelWords } from './channel-words.tsx'
import { rangeText } from './period-text.ts'
import { daysOf, periodOf, rangeOf } from './ranges.ts'
import { whoseText } from './scope.ts'
import type { Scope } from './scope.ts'
import { UserOverview } from './user-overview.tsx'
import { UserWords } from './user-words.tsx'
import { WordsForm } from './words-form.tsx'
import { wordText } from './word-text.ts'
import './count.css'

/** How much was said in a channel or by a user, or how often some words were. */
export function WordsView({ place }: { readonly place: Place }) {
  const nowMs = useNow()
  const range = rangeOf(place, nowMs)
  const by = periodOf(place.by, daysOf(range, nowMs))
  const scope = { place, range, by, nowMs }
  const what = place.words.length === 0 ? 'What was said' : place.words.map(wordText).join(', ')
  return (
    <div class="sections counts">
      <header>
        <h1>
          {what} <span class="quiet">{whoseText(place)}</span>
        </h1>
        <p class="quiet small">{rangeText(range)} · times and days are UTC</p>
      </header>
      <WordsForm {...scope} />
      <Counts {...scope} />
    </div>
  )
}

function Counts(scope: Scope) {
  const { channel, user, words } = scope.place
  if (channel !== undefined) {
    if (words.length > 0) return <ChannelWords {...scope} />
    return <ChannelOverview {...scope} channel={channel} />
  }
  if (user === undefined) return null
  if (words.length > 0) return <UserWords {...scope} user={user} />
  return <UserOverview {...scope} user={user} />
}

import { useUserWords } from '../api/words.ts'
import type { Subject } from '../place/subject.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { Failure } from '../ui/failure.tsx'
import { countText } from '../ui/number.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { BarTable } from './bar-table.tsx'
import { NothingSaid } from './nothing-said.tsx'
import { messagesOf, subjectOf } from './scope.ts'
import type { Scope } from './scope.ts'
import { Swatch } from './swatch.tsx'
import { wordText } from './word-text.ts'

/** How often a user said words, over all channels; each channel leads to the messages in it. */
export function UserWords({ place, range, user }: Scope & { readonly user: Subject }) {
  const { words, isAnyCase } = place
  const { data, error, retry } = useUserWords(user, { words, isAnyCase, range })
  if (error !== undefined) return <Failure error={error} onRetry={retry} />
  if (data.every((count) => count?.total === 0)) return <NothingSaid place={place} />
  return (
    <section aria-labelledby="by-channel">
      <h2 id="by-channel">In which channels</h2>
      <p class="quiet small">Choose a channel above for a chart over time.</p>
      <div class="columns">
        {words.map((word, line) => {
          const said = data[line]
          if (said === undefined) return <Skeleton key={word} rows={10} label="Counting" />
          const rows = said.channels.map(({ channelId, login, count }) => {
            const channel = subjectOf(channelId, login)
            const to = messagesOf({ channel, user }, { atMs: range.fromMs, search: word })
            return { key: channelId, count, name: <PlaceLink to={to}>{channel}</PlaceLink> }
          })
          return (
            <BarTable
              key={word}
              caption={
                <>
                  <Swatch line={line} /> {wordText(word)}{' '}
                  <span class="quiet">
                    {countText(said.total, 'time')} in {countText(said.channelCount, 'channel')}
                  </span>
                </>
              }
              columns={['Channel', 'Times said']}
              rows={rows}
              series={line + 1}
            />
          )
        })}
      </div>
    </section>
  )
}

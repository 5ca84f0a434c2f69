import { useWordLeaders } from '../api/words.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { Failure } from '../ui/failure.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { BarTable } from './bar-table.tsx'
import { messagesOf, subjectOf } from './scope.ts'
import type { Scope } from './scope.ts'
import { Swatch } from './swatch.tsx'
import { wordText } from './word-text.ts'

/** Who said each word most. */
export function WordLeaders({ place, range }: Scope) {
  const { channel, words, isAnyCase } = place
  const { data, error, retry } = useWordLeaders(place, { words, isAnyCase, range })
  return (
    <section aria-labelledby="leaders">
      <h2 id="leaders">Who said it most</h2>
      {error === undefined ? null : <Failure error={error} onRetry={retry} />}
      <div class="columns">
        {words.map((word, line) => {
          const leaders = data[line]?.leaders
          if (leaders === undefined) return <Skeleton key={word} rows={10} label="Counting" />
          const rows = leaders.map(({ userId, login, count }) => {
            const user = subjectOf(userId, login)
            const to = messagesOf({ channel, user }, { atMs: range.fromMs, search: word })
            return { key: userId, count, name: <PlaceLink to={to}>{user}</PlaceLink> }
          })
          return (
            <BarTable
              key={word}
              caption={
                <>
                  <Swatch line={line} /> {wordText(word)}
                </>
              }
              columns={['User', 'Times said']}
              rows={rows}
              series={line + 1}
            />
          )
        })}
      </div>
    </section>
  )
}

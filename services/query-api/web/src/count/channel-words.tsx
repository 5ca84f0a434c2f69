import { useMemo } from 'preact/hooks'
import { useWordCounts } from '../api/words.ts'
import type { WordCounts } from '../api/words.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { Failure } from '../ui/failure.tsx'
import { numberText } from '../ui/number.ts'
import { OverTimeChart } from './over-time-chart.tsx'
import { NothingSaid } from './nothing-said.tsx'
import { endOf } from './ranges.ts'
import { messagesOf } from './scope.ts'
import type { Scope } from './scope.ts'
import { fillSeries } from './series.ts'
import type { Series, Span } from './series.ts'
import { Swatch } from './swatch.tsx'
import { WordLeaders } from './word-leaders.tsx'
import { wordText } from './word-text.ts'

/** How often words were said in a channel: in all, over time, and by whom. */
export function ChannelWords(scope: Scope) {
  const { place, range, by } = scope
  const { words, isAnyCase } = place
  const { data, error, retry } = useWordCounts(place, { words, isAnyCase, range, by })
  if (error !== undefined) return <Failure error={error} onRetry={retry} />
  if (data.every((count) => count?.total === 0)) return <NothingSaid place={place} />
  return (
    <>
      <section aria-label="In all and over time">
        <Totals scope={scope} counts={data} />
        <OverTime scope={scope} counts={data} />
      </section>
      {place.user === undefined ? <WordLeaders {...scope} /> : null}
    </>
  )
}

interface CountsProps {
  readonly scope: Scope
  /** One for each word; `undefined` until it has come. */
  readonly counts: readonly (WordCounts | undefined)[]
}

function Totals({ scope: { place, range }, counts }: CountsProps) {
  return (
    <table class="table totals">
      <caption class="unseen">How often each word was said</caption>
      <thead>
        <tr>
          <th scope="col">Word</th>
          <th scope="col" class="number">
            Times said
          </th>
          <th scope="col" class="number">
            Users
          </th>
        </tr>
      </thead>
      <tbody>
        {place.words.map((word, index) => (
          <tr key={word}>
            <td>
              <Swatch line={index} />
              <PlaceLink to={messagesOf(place, { atMs: range.fromMs, search: word })}>
                {wordText(word)}
              </PlaceLink>
            </td>
            <td class="number">{orDots(counts[index]?.total)}</td>
            <td class="number">{orDots(counts[index]?.users)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const orDots = (count: number | undefined): string =>
  count === undefined ? '…' : numberText(count)

function OverTime({ scope, counts }: CountsProps) {
  const { place, range, by, nowMs } = scope
  const { words } = place
  const { fromMs } = range
  const toMs = endOf(range, nowMs)
  const series = useMemo(
    () => seriesOf(words, counts, { by, fromMs, toMs }),
    [words, counts, by, fromMs, toMs],
  )
  const placeOf = (line: number, atMs: number) => messagesOf(place, { atMs, search: words[line] })
  return (
    <OverTimeChart
      place={place}
      series={series}
      what={words.map(wordText).join(', ')}
      placeOf={placeOf}
    />
  )
}

function seriesOf(
  words: readonly string[],
  counts: CountsProps['counts'],
  span: Span,
): Series | undefined {
  const lines = words.flatMap((word, index) => {
    const buckets = counts[index]?.buckets
    if (buckets === undefined) return []
    return [
      { label: wordText(word), counts: new Map(buckets.map(({ from, count }) => [from, count])) },
    ]
  })
  return lines.length < words.length ? undefined : fillSeries(lines, span)
}

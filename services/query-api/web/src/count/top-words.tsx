import { MessageCircleDashed } from 'lucide-preact'
import { useEdge } from '../api/activity.ts'
import { useTopWords } from '../api/words.ts'
import { DayPicker } from '../calendar/day-picker.tsx'
import type { Subject } from '../place/subject.ts'
import { DAY_MS, dayOf } from '../place/time.ts'
import { PlaceLink, usePlace } from '../place/use-place.tsx'
import { Failure } from '../ui/failure.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { BarTable } from './bar-table.tsx'
import type { Scope } from './scope.ts'
import { wordText } from './word-text.ts'

const WORDS_SHOWN = 50
/** They stand side by side where there is room. */
const WORDS_A_TABLE = 17

/** The words of a day; each leads to its chart. */
export function TopWords({ channel, ...scope }: Scope & { readonly channel: Subject }) {
  const { place, range, nowMs } = scope
  const go = usePlace()[1]
  const isNewest = place.at === undefined && range.toMs === undefined
  const newest = useEdge(place, 'newest', isNewest)
  const lastMs = isNewest ? (newest.data ?? nowMs) : (range.toMs ?? nowMs) - 1
  const dayMs = dayOf(place.at ?? lastMs)
  return (
    <section aria-labelledby="top-words">
      <div class="row">
        <h2 id="top-words">Words of a day</h2>
        <DayPicker
          whose={place}
          dayMs={dayMs}
          onPick={(at) => go({ ...place, at }, { replace: true })}
        />
      </div>
      <div class="top-words">
        {isNewest && newest.isPending ? (
          <Skeleton rows={WORDS_A_TABLE} label="Counting" />
        ) : (
          <DayWords channel={channel} scope={scope} dayMs={dayMs} />
        )}
      </div>
    </section>
  )
}

interface DayWordsProps {
  readonly channel: Subject
  readonly scope: Scope
  readonly dayMs: number
}

function DayWords({ channel, scope: { place }, dayMs }: DayWordsProps) {
  const range = { fromMs: dayMs, toMs: dayMs + DAY_MS }
  const asked = { range, isAnyCase: place.isAnyCase, limit: WORDS_SHOWN }
  const { data, error, refetch } = useTopWords({ channel, user: place.user }, asked)
  if (data === undefined) {
    if (error === null) return <Skeleton rows={WORDS_A_TABLE} label="Counting" />
    return <Failure error={error} onRetry={() => void refetch()} />
  }
  if (data.length === 0) {
    return (
      <Notice icon={MessageCircleDashed} title="Nothing was said on this day">
        <p>Pick another one: the calendar shows on which days most was said.</p>
      </Notice>
    )
  }
  const rows = data.map(({ word, count }) => ({
    key: word,
    count,
    name: <PlaceLink to={{ ...place, words: [word] }}>{wordText(word)}</PlaceLink>,
  }))
  const most = data[0]?.count
  return (
    <div class="columns">
      {[0, 1, 2].map((column) => (
        <BarTable
          key={column}
          caption={<span class="unseen">Words said most, part {column + 1}</span>}
          columns={['Word', 'Times said']}
          rows={rows.slice(column * WORDS_A_TABLE, (column + 1) * WORDS_A_TABLE)}
          most={most}
        />
      ))}
    </div>
  )
}

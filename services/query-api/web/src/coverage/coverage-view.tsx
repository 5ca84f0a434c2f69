import { CircleDashed, ShieldCheck, TriangleAlert } from 'lucide-preact'
import type { LucideIcon } from 'lucide-preact'
import { useMemo, useState } from 'preact/hooks'
import { useCoverage } from '../api/coverage.ts'
import type { Coverage } from '../api/coverage.ts'
import type { TimeRange } from '../api/range.ts'
import type { Place } from '../place/place.ts'
import type { Subject } from '../place/subject.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { Failure } from '../ui/failure.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { drawingOf } from './draw.ts'
import { GapTable } from './gap-table.tsx'
import { Ledger } from './ledger.tsx'
import { LedgerPatterns } from './ledger-marks.tsx'
import { Legend } from './legend.tsx'
import { RangeForm } from './range-form.tsx'
import { rangeOf } from './range.ts'
import { momentText, verdictOf } from './sentence.ts'
import type { Standing, Verdict } from './sentence.ts'
import { stretchesOf } from './stretches.ts'
import './coverage.css'

interface CoverageViewProps {
  readonly place: Place & { readonly channel: Subject }
}

/** Whether everything that was sent in a channel is here: said, drawn, and each gap with its cause. */
export function CoverageView({ place }: CoverageViewProps) {
  const [nowMs] = useState(() => Date.now())
  const { channel } = place
  const range = rangeOf(place, nowMs)
  const { data, error, dataUpdatedAt, refetch } = useCoverage(channel, range)
  return (
    <div class="sections coverage">
      <section aria-labelledby="coverage">
        <h1 id="coverage" class="unseen">
          Coverage of {channel}
        </h1>
        <RangeForm channel={channel} range={range} nowMs={nowMs} />
        {data === undefined ? null : (
          <Answer channel={channel} range={range} coverage={data} nowMs={dataUpdatedAt} />
        )}
        {data !== undefined || error === null ? null : (
          <Failure error={error} onRetry={() => void refetch()} />
        )}
        {data !== undefined || error !== null ? null : (
          <Skeleton rows={9} label="Loading the coverage" />
        )}
      </section>
    </div>
  )
}

interface AnswerProps {
  readonly channel: Subject
  readonly range: TimeRange
  readonly coverage: Coverage
  readonly nowMs: number
}

function Answer({ channel, range, coverage, nowMs }: AnswerProps) {
  const stretches = useMemo(() => stretchesOf(coverage), [coverage])
  const drawing = useMemo(() => drawingOf(stretches), [stretches])
  return (
    <>
      <VerdictText verdict={verdictOf(stretches)} />
      {coverage.nextFrom === null ? null : (
        <p class="cut" role="status">
          There is too much to show at once: this is told up to {momentText(coverage.nextFrom)}.{' '}
          <PlaceLink to={{ view: 'coverage', channel, from: coverage.nextFrom, to: range.toMs }}>
            Go on from there
          </PlaceLink>
        </p>
      )}
      <LedgerPatterns />
      <Ledger channel={channel} drawing={drawing} nowMs={nowMs} />
      <Legend isOfDays={drawing.unitMs === undefined} />
      <h2>Gaps</h2>
      <GapTable channel={channel} gaps={coverage.gaps} />
    </>
  )
}

const ICONS: Readonly<Record<Standing, LucideIcon>> = {
  complete: ShieldCheck,
  gaps: TriangleAlert,
  unlogged: CircleDashed,
}

function VerdictText({ verdict: { standing, sentence, more } }: { readonly verdict: Verdict }) {
  const Icon = ICONS[standing]
  return (
    <div class={`verdict verdict-${standing}`} role="status">
      <Icon size={24} aria-hidden="true" />
      <div>
        <p class="verdict-sentence">{sentence}</p>
        {more.map((text) => (
          <p key={text} class="quiet">
            {text}
          </p>
        ))}
      </div>
    </div>
  )
}

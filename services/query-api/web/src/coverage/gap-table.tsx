import { useState } from 'preact/hooks'
import { causeText } from '../api/coverage.ts'
import type { CoverageGap } from '../api/coverage.ts'
import type { Subject } from '../place/subject.ts'
import { clockText, dayText } from '../place/time.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { durationText } from '../ui/duration.ts'
import { numberText } from '../ui/number.ts'
import { endText } from './rows.ts'
import { momentText } from './sentence.ts'
import { gapKind } from './stretches.ts'

/** Gaps shown at first, and how many more at a time. */
const GAPS_SHOWN = 100

interface GapTableProps {
  readonly channel: Subject
  readonly gaps: readonly CoverageGap[]
}

/** The times that were not received, the newest first, each with the log around it. */
export function GapTable({ channel, gaps }: GapTableProps) {
  const [shown, setShown] = useState(GAPS_SHOWN)
  if (gaps.length === 0) return <p class="quiet">No gap in this time.</p>
  return (
    <>
      <table class="table gap-table">
        <caption class="unseen">Gaps, the newest first; times are UTC</caption>
        <thead>
          <tr>
            <th scope="col">From (UTC)</th>
            <th scope="col" class="gap-to">
              To
            </th>
            <th scope="col" class="number">
              How long
            </th>
            <th scope="col">Why</th>
            <th scope="col">Missing lines</th>
          </tr>
        </thead>
        <tbody>
          {gaps
            .toReversed()
            .slice(0, shown)
            .map((gap) => (
              <GapRow key={gap.from} channel={channel} gap={gap} />
            ))}
        </tbody>
      </table>
      {gaps.length <= shown ? null : (
        <div class="row">
          <button type="button" class="button" onClick={() => setShown(shown + GAPS_SHOWN)}>
            Show more
          </button>
          <span class="quiet small">
            {shown} of {numberText(gaps.length)} gaps
          </span>
        </div>
      )}
    </>
  )
}

function GapRow({ channel, gap }: { readonly channel: Subject; readonly gap: CoverageGap }) {
  const from = momentText(gap.from)
  return (
    <tr>
      <td>
        <PlaceLink to={{ channel, at: gap.from }} aria-label={`${from}, open the log there`}>
          <span>{dayText(gap.from)}</span> <span>{clockText(gap.from)}</span>
        </PlaceLink>
      </td>
      <td class="gap-to">{endText(gap.from, gap.to)}</td>
      <td class="number">{durationText(gap.to - gap.from)}</td>
      <td class="gap-why">{causeText(gap.cause)}</td>
      <td>{missingText(gap)}</td>
    </tr>
  )
}

function missingText({ cause, restored, lines }: CoverageGap): string {
  const kind = gapKind(cause, restored)
  if (kind === 'restored') return 'restored'
  if (kind === 'unlogged') return 'not logged'
  return lines === undefined ? 'not known' : numberText(lines)
}

import { useState } from 'preact/hooks'
import type { Place } from '../place/place.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { numberText } from '../ui/number.ts'
import { periodText } from './period-text.ts'
import type { Series } from './series.ts'

/** Rows that are shown at first, and with each press of the button. */
const ROWS_STEP = 100

interface ChartTableProps {
  readonly series: Series
  readonly caption: string
  /** Where the messages behind a point are. */
  readonly placeOf: (line: number, startMs: number) => Partial<Place>
}

/** The points of a chart as a table, the newest first; what is empty is left out. */
export function ChartTable(props: ChartTableProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="chart-table" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Show as table</summary>
      {isOpen ? <Rows {...props} /> : null}
    </details>
  )
}

function Rows({ series: { by, startsMs, lines }, caption, placeOf }: ChartTableProps) {
  const [rowsMax, setRowsMax] = useState(ROWS_STEP)
  const said = startsMs
    .map((startMs, index) => ({ startMs, counts: lines.map(({ counts }) => counts[index] ?? 0) }))
    .filter(({ counts }) => counts.some((count) => count > 0))
    .toReversed()
  return (
    <div class="wide">
      <table class="table">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{by === 'hour' ? 'Hour, UTC' : 'Day, UTC'}</th>
            {lines.map(({ label }) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {said.slice(0, rowsMax).map(({ startMs, counts }) => (
            <tr key={startMs}>
              <th scope="row">{periodText(startMs, by)}</th>
              {counts.map((count, line) => (
                <td key={lines[line]?.label} class="number">
                  {count === 0 ? (
                    0
                  ) : (
                    <PlaceLink to={placeOf(line, startMs)}>{numberText(count)}</PlaceLink>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {said.length > rowsMax ? (
        <button type="button" class="button" onClick={() => setRowsMax(rowsMax + ROWS_STEP)}>
          Show more of {numberText(said.length)}
        </button>
      ) : null}
    </div>
  )
}

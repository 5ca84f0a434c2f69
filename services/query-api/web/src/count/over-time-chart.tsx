import type { Place } from '../place/place.ts'
import { usePlace } from '../place/use-place.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { ChartTable } from './chart-table.tsx'
import { Chart } from './chart.tsx'
import type { Series } from './series.ts'

interface OverTimeChartProps {
  readonly place: Place
  /** `undefined` until it is counted. */
  readonly series: Series | undefined
  /** What is counted. */
  readonly what: string
  /** Where the messages behind a point are. */
  readonly placeOf: (line: number, startMs: number) => Partial<Place>
}

/** A chart over time and the same as a table; its points lead to the messages behind them. */
export function OverTimeChart({ place, series, what, placeOf }: OverTimeChartProps) {
  const go = usePlace()[1]
  if (series === undefined) {
    return (
      <div class="over-time">
        <Skeleton rows={8} label="Counting" />
      </div>
    )
  }
  const label = `${what} by ${series.by}`
  return (
    <div class="over-time">
      <Chart
        series={series}
        label={`${label}: a chart; the same as a table follows`}
        onPick={(line, startMs) => go(placeOf(line, startMs))}
        onZoom={({ fromMs, toMs }) => go({ ...place, from: fromMs, to: toMs, by: undefined })}
      />
      <p class="quiet small">A click shows the messages, a drag a part of the time.</p>
      <ChartTable series={series} caption={label} placeOf={placeOf} />
    </div>
  )
}

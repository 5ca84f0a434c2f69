import { useMemo } from 'preact/hooks'
import { useActivity } from '../api/activity.ts'
import { Failure } from '../ui/failure.tsx'
import { OverTimeChart } from './over-time-chart.tsx'
import { endOf } from './ranges.ts'
import { messagesOf } from './scope.ts'
import type { Scope } from './scope.ts'
import { fillSeries } from './series.ts'

/** How much was said over time. */
export function SaidOverTime({ place, range, by, nowMs }: Scope) {
  const { data, error, refetch } = useActivity(place, { ...range, by })
  const { fromMs } = range
  const toMs = endOf(range, nowMs)
  const series = useMemo(() => {
    if (data === undefined) return undefined
    const counts = new Map(data.buckets.map(({ from, messages }) => [from, messages]))
    return fillSeries([{ label: 'Messages', counts }], { by, fromMs, toMs })
  }, [data, by, fromMs, toMs])
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />
  }
  return (
    <OverTimeChart
      place={place}
      series={series}
      what="Messages"
      placeOf={(_line, atMs) => messagesOf(place, { atMs })}
    />
  )
}

import { useMemo } from 'preact/hooks'
import { useActivity } from '../api/activity.ts'
import { Failure } from '../ui/failure.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { HeatMap } from './heat-map.tsx'
import { heatOf } from './heat.ts'
import { HOURLY_DAYS_MAX, daysOf, endOf, hourlyRange } from './ranges.ts'
import type { Scope } from './scope.ts'

/** At which hours of the week most is said. */
export function Week({ place, range, nowMs }: Scope) {
  const hourly = hourlyRange(range, nowMs)
  const { data, error, refetch } = useActivity(place, { ...hourly, by: 'hour' })
  const { fromMs } = hourly
  const toMs = endOf(hourly, nowMs)
  const heat = useMemo(
    () => (data === undefined ? undefined : heatOf(data, { fromMs, toMs })),
    [data, fromMs, toMs],
  )
  const isCut = daysOf(range, nowMs) > HOURLY_DAYS_MAX
  return (
    <section aria-labelledby="week">
      <h2 id="week">
        Hours of the week{' '}
        <span class="quiet small">UTC{isCut ? `, the last ${HOURLY_DAYS_MAX} days` : ''}</span>
      </h2>
      <div class="week">
        {heat === undefined ? (
          <Pending error={error} onRetry={() => void refetch()} />
        ) : (
          <HeatMap heat={heat} />
        )}
      </div>
    </section>
  )
}

function Pending({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  if (error !== null) return <Failure error={error} onRetry={onRetry} />
  return <Skeleton rows={8} label="Counting" />
}

import { useUserStats } from '../api/stats.ts'
import type { UserStats } from '../api/stats.ts'
import type { Subject } from '../place/subject.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { Failure } from '../ui/failure.tsx'
import { countText } from '../ui/number.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { BarTable } from './bar-table.tsx'
import { BusiestHours } from './busiest-hours.tsx'
import { NothingSaid } from './nothing-said.tsx'
import { SaidOverTime } from './said-over-time.tsx'
import { messagesOf, subjectOf } from './scope.ts'
import type { Scope } from './scope.ts'
import { Week } from './week.tsx'

/** How much a user said over all channels, when, and where. */
export function UserOverview({ user, ...scope }: Scope & { readonly user: Subject }) {
  const { data: stats, error, refetch } = useUserStats(user, scope.range)
  if (stats === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />
  }
  if (stats?.messages === 0) return <NothingSaid place={scope.place} />
  const summary =
    stats === undefined
      ? '…'
      : `${countText(stats.messages, 'message')} in ${countText(stats.channelCount, 'channel')}`
  return (
    <>
      <section aria-labelledby="said">
        <h2 id="said">
          Over time <span class="quiet small">{summary}</span>
        </h2>
        <SaidOverTime {...scope} />
      </section>
      <Week {...scope} />
      <Most scope={scope} user={user} stats={stats} />
    </>
  )
}

interface MostProps {
  readonly scope: Scope
  readonly user: Subject
  readonly stats: UserStats | undefined
}

function Most({ scope: { place, range }, user, stats }: MostProps) {
  return (
    <section aria-labelledby="most">
      <h2 id="most">Where and when most</h2>
      {stats === undefined ? (
        <Skeleton rows={20} label="Counting" />
      ) : (
        <div class="columns">
          <BarTable
            caption="Channels"
            columns={['Channel', 'Messages']}
            rows={stats.channels.map(({ channelId, login, messages }) => {
              const channel = subjectOf(channelId, login)
              const to = messagesOf({ channel, user }, { atMs: range.fromMs })
              const name = <PlaceLink to={to}>{channel}</PlaceLink>
              return { key: channelId, count: messages, name }
            })}
          />
          <BusiestHours place={place} hours={stats.busiestHours} />
        </div>
      )}
    </section>
  )
}

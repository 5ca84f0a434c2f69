import { useUserStats } from '../api/stats.ts'
import type { UserStats } from '../api/stats.ts'
import type { Subject } from '../place/subject.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { countText } from '../ui/number.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { BarTable } from './bar-table.tsx'
import { BusiestHours } from './busiest-hours.tsx'
import { Overview } from './overview.tsx'
import { messagesOf, subjectOf } from './scope.ts'
import type { Scope } from './scope.ts'

/** How much a user said over all channels, when, and where. */
export function UserOverview({ user, ...scope }: Scope & { readonly user: Subject }) {
  const { data: stats, error, refetch } = useUserStats(user, scope.range)
  return (
    <Overview
      scope={scope}
      messages={stats?.messages}
      spread={`in ${countText(stats?.channelCount ?? 0, 'channel')}`}
      error={error}
      onRetry={() => void refetch()}
    >
      <Most scope={scope} user={user} stats={stats} />
    </Overview>
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

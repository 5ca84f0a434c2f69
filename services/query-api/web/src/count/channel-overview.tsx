import { useChannelStats } from '../api/stats.ts'
import type { ChannelStats } from '../api/stats.ts'
import type { Subject } from '../place/subject.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { countText } from '../ui/number.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { BarTable } from './bar-table.tsx'
import { BusiestHours } from './busiest-hours.tsx'
import { Overview } from './overview.tsx'
import { messagesOf, subjectOf } from './scope.ts'
import type { Scope } from './scope.ts'
import { TopWords } from './top-words.tsx'

/** How much was said in a channel, when, and by whom; the words of a day. */
export function ChannelOverview({ channel, ...scope }: Scope & { readonly channel: Subject }) {
  const { data: stats, error, refetch } = useChannelStats(scope.place, scope.range)
  return (
    <Overview
      scope={scope}
      messages={stats?.messages}
      spread={`of ${countText(stats?.chatters ?? 0, 'chatter')}`}
      error={error}
      onRetry={() => void refetch()}
    >
      <Most scope={scope} stats={stats} />
      <TopWords channel={channel} {...scope} />
    </Overview>
  )
}

interface MostProps {
  readonly scope: Scope
  readonly stats: ChannelStats | undefined
}

function Most({ scope: { place, range }, stats }: MostProps) {
  const { channel } = place
  return (
    <section aria-labelledby="most">
      <h2 id="most">Who and when most</h2>
      <div class={place.user === undefined ? 'columns most' : 'columns'}>
        {stats === undefined ? (
          <Skeleton rows={place.user === undefined ? 20 : 13} label="Counting" />
        ) : null}
        {stats === undefined || place.user !== undefined ? null : (
          <BarTable
            caption="Most active chatters"
            columns={['User', 'Messages']}
            rows={stats.topChatters.map(({ userId, login, messages }) => {
              const user = subjectOf(userId, login)
              const to = messagesOf({ channel, user }, { atMs: range.fromMs })
              return { key: userId, count: messages, name: <PlaceLink to={to}>{user}</PlaceLink> }
            })}
          />
        )}
        {stats === undefined ? null : <BusiestHours place={place} hours={stats.busiestHours} />}
      </div>
    </section>
  )
}

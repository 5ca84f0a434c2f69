import { useChannelStats } from '../api/stats.ts'
import type { ChannelStats } from '../api/stats.ts'
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
import { TopWords } from './top-words.tsx'
import { Week } from './week.tsx'

/** How much was said in a channel, when, and by whom; the words of a day. */
export function ChannelOverview({ channel, ...scope }: Scope & { readonly channel: Subject }) {
  const { place, range } = scope
  const { data: stats, error, refetch } = useChannelStats(place, range)
  if (stats === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />
  }
  if (stats?.messages === 0) return <NothingSaid place={place} />
  const summary =
    stats === undefined
      ? '…'
      : `${countText(stats.messages, 'message')} of ${countText(stats.chatters, 'chatter')}`
  return (
    <>
      <section aria-labelledby="said">
        <h2 id="said">
          Over time <span class="quiet small">{summary}</span>
        </h2>
        <SaidOverTime {...scope} />
      </section>
      <Week {...scope} />
      <Most scope={scope} stats={stats} />
      <TopWords channel={channel} {...scope} />
    </>
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

import { ScrollText } from 'lucide-preact'
import { NAMES_MAX, useChannels } from '../api/channels.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { Failure } from '../ui/failure.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import './home.css'

/** Where somebody begins: what this is, and the channels there are. */
export function HomeView() {
  return (
    <div class="sections">
      <section class="welcome">
        <h1>Twitch chat logs</h1>
        <p class="quiet">
          Pick a channel, a user, or both above: who said what, when, and how often.
        </p>
      </section>
      <section aria-labelledby="channels">
        <h2 id="channels">Channels</h2>
        <Channels />
      </section>
      <footer class="row small">
        <a href="/docs">API reference</a>
        <PlaceLink to={{ view: 'optout' }}>Opting out</PlaceLink>
        <PlaceLink to={{ view: 'admin' }}>Admin</PlaceLink>
      </footer>
    </div>
  )
}

function Channels() {
  const { data, error, refetch } = useChannels('')
  if (data === undefined) {
    if (error === null) return <Skeleton rows={6} label="Loading the channels" />
    return <Failure error={error} onRetry={() => void refetch()} />
  }
  if (data.length === 0) {
    return (
      <Notice icon={ScrollText} title="No channel is logged yet">
        <p>Start poglog with --channels, or add one as an admin.</p>
      </Notice>
    )
  }
  return (
    <>
      <ul class="channel-list">
        {data.map(({ name }) => (
          <li key={name}>
            <PlaceLink to={{ channel: name }} class="button">
              {name}
            </PlaceLink>
          </li>
        ))}
      </ul>
      {data.length < NAMES_MAX ? null : (
        <p class="quiet">These are the first {NAMES_MAX}. Type a name above for the others.</p>
      )}
    </>
  )
}

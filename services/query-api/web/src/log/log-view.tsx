import { ArrowDown, SearchX } from 'lucide-preact'
import { useCallback, useMemo, useRef } from 'preact/hooks'
import type { Place } from '../place/place.ts'
import { PlaceLink, usePlace } from '../place/use-place.tsx'
import { Failure } from '../ui/failure.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useAnchor } from './anchor.ts'
import { LogList } from './log-list.tsx'
import type { LogReader } from './log-reader.ts'
import { edgeOf } from './log-window.ts'
import { Toolbar } from './toolbar.tsx'
import { useLog } from './use-log.ts'
import './log-view.css'

const SKELETON_ROWS = 24

/** The log of a channel, a user, or a user in a channel. */
export function LogView({ place }: { readonly place: Place }) {
  const [, go] = usePlace()
  const [anchor, onMove] = useAnchor(place, go)
  const { reader, live } = useLog(place, anchor)
  const style = useMemo(
    () => ({ search: place.search ?? '', hasChannel: place.channel === undefined }),
    [place.search, place.channel],
  )
  const toEnd = useRef<() => void>()
  const onReady = useCallback((scroll: () => void) => {
    toEnd.current = scroll
  }, [])
  const { first, unseen, window } = reader.state
  const toNewest = (): void => {
    if (edgeOf(window, 'newer').kind === 'end') toEnd.current?.()
    else void reader.begin(undefined)
  }
  return (
    <div class="log-view">
      <Toolbar place={place} reader={reader} live={live} />
      <div class="log-body">
        {first === 'loading' ? (
          <Skeleton rows={SKELETON_ROWS} label="Loading messages" />
        ) : typeof first === 'object' ? (
          <Failure error={first.error} onRetry={() => void reader.begin(anchor.at)} />
        ) : isEmpty(reader) ? (
          <Nothing place={place} />
        ) : (
          <LogList
            reader={reader}
            anchor={anchor}
            isLive={place.isLive}
            style={style}
            onMove={onMove}
            onReady={onReady}
          />
        )}
        {place.isLive && unseen > 0 ? (
          <button type="button" class="button primary unseen-lines" onClick={toNewest}>
            <ArrowDown size={16} aria-hidden="true" />
            {unseen.toLocaleString('en')} new {unseen === 1 ? 'message' : 'messages'}
          </button>
        ) : null}
      </div>
    </div>
  )
}

/** Whether nothing is there, and nothing can come. */
function isEmpty({ state: { window } }: LogReader): boolean {
  const isAll = (['older', 'newer'] as const).every((end) => edgeOf(window, end).kind === 'end')
  return isAll && window.every(({ lines }) => lines.length === 0)
}

/** Says why a log may be empty, and what to try. */
function Nothing({ place }: { readonly place: Place }) {
  const { channel, user, search, kind, isLive } = place
  const isNarrowed = search !== undefined || kind !== undefined
  return (
    <Notice
      icon={SearchX}
      title={search === undefined ? 'No messages here' : `Nothing holds “${search}”`}
      actions={
        <>
          {isNarrowed ? (
            <PlaceLink to={{ channel, user }} class="button primary">
              Show all messages
            </PlaceLink>
          ) : null}
          {channel !== undefined && user !== undefined ? (
            <>
              <PlaceLink to={{ user }} class="button">
                {user} in all channels
              </PlaceLink>
              <PlaceLink to={{ channel }} class="button">
                All of #{channel}
              </PlaceLink>
            </>
          ) : null}
        </>
      }
    >
      <p>
        {isLive
          ? 'Nothing was said yet. New messages show up by themselves.'
          : user === undefined
            ? 'A channel has a log from the day on which it was added.'
            : 'Names change: try an older login, or id: and the number.'}
      </p>
    </Notice>
  )
}

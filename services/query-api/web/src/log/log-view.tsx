import { ArrowDown, SearchX } from 'lucide-preact'
import { useCallback, useMemo, useRef, useState } from 'preact/hooks'
import type { Line } from '../chat/line.ts'
import type { Place } from '../place/place.ts'
import { MINUTE_MS } from '../place/time.ts'
import { PlaceLink, usePlace } from '../place/use-place.tsx'
import { Failure } from '../ui/failure.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useAnchor } from './anchor.ts'
import { LogList } from './log-list.tsx'
import type { LogState } from './log-reader.ts'
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
  const { state } = reader
  const [atMs, setAtMs] = useState<number>()
  const onTop = useCallback(({ sentMs }: Line) => {
    // More exactly would be drawn anew at every line.
    setAtMs(Math.floor(sentMs / MINUTE_MS) * MINUTE_MS)
  }, [])
  const style = useMemo(
    () => ({ search: place.search ?? '', hasChannel: place.channel === undefined }),
    [place.search, place.channel],
  )
  const toEnd = useRef<() => void>()
  const onReady = useCallback((scroll: () => void) => {
    toEnd.current = scroll
  }, [])
  const toNewest = (): void => {
    if (edgeOf(state.window, 'newer').kind === 'end') toEnd.current?.()
    else void reader.begin(undefined)
  }
  return (
    <div class="log-view">
      <Toolbar place={place} atMs={atMs ?? anchor.at} reader={reader} live={live} />
      <div class="log-body">
        {state.first === 'idle' && !isEmpty(state) ? (
          <LogList
            reader={reader}
            state={state}
            anchor={anchor}
            isLive={place.isLive}
            style={style}
            onTop={onTop}
            onMove={onMove}
            onReady={onReady}
          />
        ) : (
          <Instead place={place} state={state} onRetry={() => void reader.begin(anchor.at)} />
        )}
        {place.isLive && state.unseen > 0 ? (
          <UnseenLines count={state.unseen} onOpen={toNewest} />
        ) : null}
      </div>
    </div>
  )
}

interface InsteadProps {
  readonly place: Place
  readonly state: LogState
  readonly onRetry: () => void
}

/** What is there instead of lines. */
function Instead({ place, state: { first }, onRetry }: InsteadProps) {
  if (first === 'loading') return <Skeleton rows={SKELETON_ROWS} label="Loading messages" />
  if (typeof first === 'object') return <Failure error={first.error} onRetry={onRetry} />
  return <Nothing place={place} />
}

interface UnseenLinesProps {
  readonly count: number
  readonly onOpen: () => void
}

function UnseenLines({ count, onOpen }: UnseenLinesProps) {
  return (
    <button type="button" class="button primary unseen-lines" onClick={onOpen}>
      <ArrowDown size={16} aria-hidden="true" />
      {count.toLocaleString('en')} new {count === 1 ? 'message' : 'messages'}
    </button>
  )
}

/** Whether nothing is there, and nothing can come. */
function isEmpty({ window }: LogState): boolean {
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

import { useEffect, useMemo, useReducer, useState } from 'preact/hooks'
import type { Place } from '../place/place.ts'
import { API_LOG } from './api-log.ts'
import type { Anchor } from './anchor.ts'
import { LiveTail } from './live-tail.ts'
import type { LiveState } from './live-tail.ts'
import { logPath, logQueryOf } from './log-query.ts'
import type { LogQuery } from './log-query.ts'
import { LogReader } from './log-reader.ts'

/** A log that is being read, and its live tail where it is followed. */
export interface ReadLog {
  readonly reader: LogReader
  readonly live: LiveState | undefined
}

/** Reads the log of a place from where it is opened, and follows it where the place is live. */
export function useLog(place: Place, anchor: Anchor): ReadLog {
  const { channel, user, search, types } = logQueryOf(place)
  const query = useMemo(() => ({ channel, user, search, types }), [channel, user, search, types])
  const { isLive } = place
  const reader = useMemo(() => new LogReader(query, API_LOG), [query])
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const end = reader.subscribe(() => redraw(undefined))
    return () => {
      end()
      reader.close()
    }
  }, [reader])
  useEffect(() => {
    void reader.begin(isLive ? undefined : anchor.at)
  }, [reader, anchor, isLive])
  return { reader, live: useLiveTail(reader, query, isLive) }
}

function useLiveTail(reader: LogReader, query: LogQuery, isLive: boolean): LiveState | undefined {
  const [state, setState] = useState<LiveState>('connecting')
  useEffect(() => {
    if (!isLive) return undefined
    const wanted = query.search.toLowerCase()
    const tail = new LiveTail((lastEventId) => logPath(query, 'live', { lastEventId }), {
      onState: setState,
      onFresh: () => reader.missed(),
      onLines: (lines) => {
        const found = lines.filter(({ text, systemText }) =>
          `${systemText} ${text}`.toLowerCase().includes(wanted),
        )
        if (found.length > 0) reader.takeLive(found)
      },
    })
    tail.open()
    return () => {
      tail.close()
      setState('connecting')
    }
  }, [reader, query, isLive])
  return isLive ? state : undefined
}

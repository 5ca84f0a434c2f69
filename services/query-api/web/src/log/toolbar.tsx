import { Radio } from 'lucide-preact'
import { useMemo } from 'preact/hooks'
import { DayPicker } from '../calendar/day-picker.tsx'
import { LINE_KINDS } from '../place/place.ts'
import type { LineKind, Place } from '../place/place.ts'
import { dayOf } from '../place/time.ts'
import { usePlace } from '../place/use-place.tsx'
import { useNow } from '../ui/use-now.ts'
import { DayBar } from './day-bar.tsx'
import { ExportMenu } from './export-menu.tsx'
import type { LiveState } from './live-tail.ts'
import type { LogReader } from './log-reader.ts'
import { SearchField } from './search-field.tsx'
import { TimeField } from './time-field.tsx'
import './toolbar.css'

interface ToolbarProps {
  readonly place: Place
  /** Where the log is; `undefined` before anything of it is there. */
  readonly atMs: number | undefined
  readonly reader: LogReader
  readonly live: LiveState | undefined
}

const KIND_NAMES: Readonly<Record<LineKind, string>> = {
  said: 'Messages',
  subs: 'Subs, raids, announcements',
  bans: 'Bans and deletions',
  notices: 'Notices, joins, gaps',
}

/** What is shown of a log: from when, which words and kinds, whether it is followed; and how to take it away. */
export function Toolbar({ place, atMs, reader, live }: ToolbarProps) {
  const [, go] = usePlace()
  const nowMs = useNow()
  const hereMs = atMs ?? nowMs
  const { channel, user } = place
  const whose = useMemo(() => ({ channel, user }), [channel, user])
  const openAt = (timeMs: number): void =>
    go({ ...place, at: timeMs, message: undefined, isLive: false })
  return (
    <div class="toolbar">
      <DayPicker whose={whose} dayMs={dayOf(hereMs)} onPick={openAt} />
      <TimeField atMs={hereMs} onPick={openAt} />
      <SearchField place={place} />
      <select
        class="field kind"
        aria-label="Kind of lines"
        value={place.kind ?? ''}
        onChange={({ currentTarget: { value } }) =>
          go({ ...place, kind: LINE_KINDS.find((kind) => kind === value) })
        }
      >
        <option value="">Everything</option>
        {LINE_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {KIND_NAMES[kind]}
          </option>
        ))}
      </select>
      <button
        type="button"
        class={`button live ${live ?? ''}`}
        aria-pressed={place.isLive}
        onClick={() => go({ ...place, isLive: !place.isLive, at: undefined, message: undefined })}
      >
        <Radio size={16} aria-hidden="true" />
        {live === undefined || live === 'live' ? 'Live' : 'Connecting'}
      </button>
      <ExportMenu place={place} atMs={hereMs} reader={reader} />
      <DayBar whose={whose} dayMs={dayOf(hereMs)} atMs={hereMs} onPick={openAt} />
    </div>
  )
}

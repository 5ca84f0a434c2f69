import { Copy, Download, Radio } from 'lucide-preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { DayPicker } from '../calendar/day-picker.tsx'
import { textOf } from '../chat/line.ts'
import { LINE_KINDS } from '../place/place.ts'
import type { LineKind, Place } from '../place/place.ts'
import { clockText, DAY_MS, dayOf, dayText, readTime } from '../place/time.ts'
import { usePlace } from '../place/use-place.tsx'
import { useNow } from '../ui/use-now.ts'
import { DayBar } from './day-bar.tsx'
import type { LiveState } from './live-tail.ts'
import { logPath, logQueryOf } from './log-query.ts'
import type { LogReader } from './log-reader.ts'
import { linesOf } from './log-window.ts'
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

interface TimeFieldProps {
  readonly atMs: number
  readonly onPick: (timeMs: number) => void
}

/** The time of the line at the top; another one leads there. Not of the type `time`: that follows the clock of a country. */
function TimeField({ atMs, onPick }: TimeFieldProps) {
  const shown = clockText(atMs).slice(0, 'HH:MM'.length)
  const [text, setText] = useState(shown)
  useEffect(() => setText(shown), [shown])
  const timeMs = readTime(`${dayText(atMs)}T${text.padStart('HH:MM'.length, '0')}Z`)
  return (
    <form
      class="time-of-day"
      onSubmit={(event) => {
        event.preventDefault()
        if (timeMs !== undefined) onPick(timeMs)
      }}
    >
      <input
        class="field"
        aria-label="Time of day, UTC"
        title="Time of day, UTC"
        inputMode="numeric"
        maxLength={5}
        value={text}
        aria-invalid={timeMs === undefined}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={() => setText(shown)}
      />
    </form>
  )
}

function SearchField({ place }: { readonly place: Place }) {
  const [, go] = usePlace()
  const [text, setText] = useState(place.search ?? '')
  useEffect(() => setText(place.search ?? ''), [place.search])
  const search = (): void => {
    const wanted = text.trim() === '' ? undefined : text.trim()
    if (wanted !== place.search) go({ ...place, search: wanted, message: undefined })
  }
  return (
    <form
      class="search"
      onSubmit={(event) => {
        event.preventDefault()
        search()
      }}
    >
      <input
        class="field"
        type="search"
        aria-label="Search in these messages"
        placeholder="Search messages"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onSearch={search}
      />
    </form>
  )
}

const FORMATS = ['text', 'ndjson', 'raw'] as const
const MONTH = 'month'
const DAY = 'day'

/** Copies what is loaded, and links to the whole day or month as files. */
function ExportMenu({
  place,
  atMs,
  reader,
}: Omit<ToolbarProps, 'live' | 'atMs'> & { readonly atMs: number }) {
  const [copied, setCopied] = useState('')
  const lines = linesOf(reader.state.window)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(`${lines.map(textOf).join('\n')}\n`)
      setCopied(`Copied ${lines.length.toLocaleString('en')} lines`)
    } catch {
      setCopied('The browser does not let this page copy')
    }
  }
  return (
    <details class="export">
      <summary class="button">
        <Download size={16} aria-hidden="true" />
        <span>Export</span>
      </summary>
      <div class="panel">
        <button type="button" class="button" onClick={() => void copy()}>
          <Copy size={16} aria-hidden="true" />
          Copy {lines.length.toLocaleString('en')} loaded lines as text
        </button>
        <span role="status" class="small quiet">
          {copied}
        </span>
        {[DAY, MONTH].map((span) => (
          <p key={span} class="row">
            This {span}:
            {FORMATS.map((format) => (
              <a key={format} {...download(place, { atMs, span, format })}>
                {format}
              </a>
            ))}
          </p>
        ))}
      </div>
    </details>
  )
}

interface Download {
  readonly atMs: number
  readonly span: string
  readonly format: (typeof FORMATS)[number]
}

function download(place: Place, { atMs, span, format }: Download) {
  const [from, to] = span === DAY ? [dayOf(atMs), dayOf(atMs) + DAY_MS] : monthOf(atMs)
  const name = [place.user, place.channel].filter((part) => part !== undefined).join('-in-')
  const day = dayText(from).slice(0, span === DAY ? undefined : 'YYYY-MM'.length)
  return {
    href: logPath(logQueryOf(place), 'logs', { from, to, order: 'asc', format }),
    download: `${name.replace(':', '-')}-${day}.${format === 'ndjson' ? 'ndjson' : 'txt'}`,
  }
}

function monthOf(timeMs: number): readonly [number, number] {
  const date = new Date(timeMs)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return [Date.UTC(year, month), Date.UTC(year, month + 1)]
}

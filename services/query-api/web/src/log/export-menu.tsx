import { Copy, Download } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { textOf } from '../chat/line.ts'
import type { Place } from '../place/place.ts'
import { DAY_MS, dayOf, dayText } from '../place/time.ts'
import { Popover } from '../ui/popover.tsx'
import { logPath, logQueryOf } from './log-query.ts'
import type { LogReader } from './log-reader.ts'
import { linesOf } from './log-window.ts'
import './export-menu.css'

const FORMATS = ['text', 'ndjson', 'raw'] as const
const SPANS = ['day', 'month'] as const

interface ExportMenuProps {
  readonly place: Place
  /** Of which day and month. */
  readonly atMs: number
  readonly reader: LogReader
}

/** Copies what is loaded, and links to the whole day or month as files. */
export function ExportMenu({ place, atMs, reader }: ExportMenuProps) {
  const button = (
    <>
      <Download size={16} aria-hidden="true" />
      <span>Export</span>
    </>
  )
  return (
    <Popover button={button} buttonClass="export" class="export-menu" label="Export">
      {() => (
        <>
          <CopyLines reader={reader} />
          {SPANS.map((span) => (
            <p key={span} class="row">
              This {span}:
              {FORMATS.map((format) => (
                <a key={format} {...download(place, { atMs, span, format })}>
                  {format}
                </a>
              ))}
            </p>
          ))}
        </>
      )}
    </Popover>
  )
}

function CopyLines({ reader }: Pick<ExportMenuProps, 'reader'>) {
  const [said, setSaid] = useState('')
  const lines = linesOf(reader.state.window)
  const count = lines.length.toLocaleString('en')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(`${lines.map(textOf).join('\n')}\n`)
      setSaid(`Copied ${count} lines`)
    } catch {
      setSaid('The browser does not let this page copy')
    }
  }
  return (
    <>
      <button type="button" class="button" onClick={() => void copy()}>
        <Copy size={16} aria-hidden="true" />
        Copy {count} loaded lines as text
      </button>
      <span role="status" class="small quiet">
        {said}
      </span>
    </>
  )
}

interface DownloadAsked {
  readonly atMs: number
  readonly span: (typeof SPANS)[number]
  readonly format: (typeof FORMATS)[number]
}

function download(place: Place, { atMs, span, format }: DownloadAsked) {
  const [from, to] = span === 'day' ? [dayOf(atMs), dayOf(atMs) + DAY_MS] : monthOf(atMs)
  const name = [place.user, place.channel].filter((part) => part !== undefined).join('-in-')
  const day = dayText(from).slice(0, span === 'day' ? undefined : 'YYYY-MM'.length)
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

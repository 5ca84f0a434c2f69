import { useState } from 'preact/hooks'
import type { Subject } from '../place/subject.ts'
import { PlaceLink } from '../place/use-place.tsx'
import { usePlace } from '../place/use-place.tsx'
import { LedgerBar } from './ledger-bar.tsx'
import type { Drawing, Mark, Row } from './rows.ts'
import './ledger.css'

interface LedgerProps {
  readonly channel: Subject
  readonly drawing: Drawing
  readonly nowMs: number
}

/** Draws what was received, a row an hour, a day or a month. The arrow keys go from piece to piece. */
export function Ledger({ channel, drawing: { rows, ticks, unitMs }, nowMs }: LedgerProps) {
  const [, go] = usePlace()
  const [pointed, setPointed] = useState<{ readonly row: number; readonly mark: number }>()
  const open = ({ opens }: Mark): void => {
    if ('at' in opens) go({ channel, at: opens.at })
    else go({ view: 'coverage', channel, from: opens.fromMs, to: opens.toMs })
  }
  return (
    <figure
      class={unitMs === undefined ? 'ledger ledger-days' : 'ledger'}
      aria-label="Received time, drawn; the table of gaps says the same"
    >
      <div class="ledger-row ledger-ticks small quiet" aria-hidden="true">
        <span>UTC</span>
        <div>
          {ticks.map(({ at, text }) => (
            <span key={text} style={placed(at)}>
              {text}
            </span>
          ))}
        </div>
      </div>
      {rows.map((row, index) => (
        <div class="ledger-row" key={row.startMs}>
          <RowLabel row={row} channel={channel} />
          <LedgerBar
            row={row}
            isReachable={index === (pointed?.row ?? 0)}
            pointed={pointed?.row === index ? pointed.mark : undefined}
            now={unitMs === undefined ? undefined : (nowMs - row.startMs) / unitMs}
            onPoint={(mark) => setPointed(mark === undefined ? undefined : { row: index, mark })}
            onOpen={open}
          />
        </div>
      ))}
    </figure>
  )
}

function RowLabel({
  row: { label, text, opens },
  channel,
}: {
  readonly row: Row
  readonly channel: Subject
}) {
  if (opens === undefined) return <span class="ledger-label small">{label}</span>
  const to = { view: 'coverage', channel, from: opens.fromMs, to: opens.toMs } as const
  return (
    <PlaceLink to={to} class="ledger-label small" aria-label={text}>
      {label}
    </PlaceLink>
  )
}

/** At a share of the width, without ever leaving it. */
const placed = (at: number) => ({ left: `${at * 100}%`, transform: `translateX(${-at * 100}%)` })

import { LedgerMarks } from './ledger-marks.tsx'
import type { Mark } from './rows.ts'

const TIMES: readonly (readonly [Mark['look'], string])[] = [
  ['covered', 'received'],
  ['gap', 'gap: lines may be missing'],
  ['restored', 'gap filled from another log'],
  ['unlogged', 'not logged yet, or no record of it'],
]
const DAYS: readonly (readonly [Mark['look'], string])[] = [
  ['covered', 'all received'],
  ['gap-some', 'up to 0.1% missed'],
  ['gap-much', 'up to 5%'],
  ['gap', 'more'],
  ['restored', 'gaps filled from another log'],
  ['unlogged', 'not logged yet, or no record of it'],
]

/** What the colours of times, or of whole days, mean. */
export function Legend({ isOfDays }: { readonly isOfDays: boolean }) {
  return (
    <ul class="ledger-legend small quiet" aria-label="Colours">
      {(isOfDays ? DAYS : TIMES).map(([look, text]) => (
        <li key={look}>
          <LedgerMarks marks={[{ start: 0, end: 1, look, text, opens: { at: 0 } }]} />
          {text}
        </li>
      ))}
      {isOfDays ? null : (
        <li>
          <LedgerMarks marks={[]} now={0.5} />
          now
        </li>
      )}
    </ul>
  )
}

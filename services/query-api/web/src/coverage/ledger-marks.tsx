import { memo } from 'preact/compat'
import type { Mark } from './rows.ts'

interface LedgerMarksProps {
  readonly marks: readonly Mark[]
  readonly pointed?: number | undefined
  readonly now?: number | undefined
}

/**
 * The pieces of a row; those of which something is missing lie above the others and keep a width that can be seen. A row may
 * have thousands, so it is drawn again only when something in it changed.
 */
export const LedgerMarks = memo(({ marks, pointed, now }: LedgerMarksProps) => {
  const shown = marks.map((mark, index) => ({ ...mark, index }))

  return (
    <svg aria-hidden="true">
      {[...shown.filter(isGround), ...shown.filter((mark) => !isGround(mark))].map(
        ({ start, end, look, index }) => (
          <rect
            key={index}
            class={`mark-${look}${index === pointed ? ' is-pointed' : ''}`}
            x={percent(start)}
            width={percent(end - start)}
            height="100%"
          />
        ),
      )}
      {now === undefined || now < 0 || now > 1 ? null : (
        <line class="mark-now" x1={percent(now)} x2={percent(now)} y1="0" y2="100%" />
      )}
    </svg>
  )
})

/** The fills that have a pattern, for every drawing of the page. */
export function LedgerPatterns() {
  return (
    <svg class="ledger-patterns" aria-hidden="true">
      <defs>
        <pattern id="mark-unlogged" width="6" height="6" patternUnits="userSpaceOnUse">
          <path class="mark-hatch" d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2" />
        </pattern>
        <pattern id="mark-restored" width="6" height="6" patternUnits="userSpaceOnUse">
          <rect class="mark-covered" width="6" height="6" />
          <path class="mark-stripe" d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2" />
        </pattern>
      </defs>
    </svg>
  )
}

const percent = (share: number): string => `${share * 100}%`

const isGround = ({ look }: Mark): boolean => look === 'covered' || look === 'unlogged'

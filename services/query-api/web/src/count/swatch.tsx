import { DASHES } from './chart-options.ts'

/** A piece of a line of the chart, beside what it is. */
export function Swatch({ line }: { readonly line: number }) {
  return (
    <svg class={`swatch series-${line + 1}`} width="24" height="8" aria-hidden="true">
      <line x1="0" x2="24" y1="4" y2="4" stroke-dasharray={DASHES[line]?.join(' ')} />
    </svg>
  )
}
